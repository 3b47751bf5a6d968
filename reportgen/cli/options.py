"""Define the options that several commands share, with their defaults from the options records."""

from __future__ import annotations

import click

from reportgen.cli.commands import Option, under
from reportgen.cli.fields import device_option, option, seed_option
from reportgen.cli.types import (
    PATH,
    POSITIVE,
    SHARE,
    Count,
    Delimiter,
    NamedBound,
    Names,
    Shades,
)
from reportgen.options import (
    GALLERY,
    PAPERS,
    PDF_VARIANTS,
    DataOptions,
    PredictOptions,
    ReportOptions,
)
from reportgen.workspace import Workspace

__all__ = [
    "DATA",
    "EXPERIMENT",
    "LIMIT",
    "MLFLOW",
    "PREDICTION",
    "QUIET",
    "REPORT",
    "REPORTS",
    "REPORTS_OR_OUT",
    "SCHEDULER",
    "SPLIT",
    "TRUSTED_TOKENIZER",
    "UNLABELLED",
    "WORKERS",
]

DATA = under(
    "Data",
    option(
        DataOptions,
        "data",
        str,
        "A folder with SPLIT.csv, SPLIT.tsv, SPLIT.jsonl (also .gz) or SPLIT.parquet (also in"
        " shards, as Hugging Face stores them), or with SPLIT/LABEL/*.txt; or one such file. The"
        " word imdb downloads the Large Movie Review Dataset.",
        default="the bundled sample reviews",
        metavar="FOLDER|FILE|imdb",
    ),
    option(DataOptions, "text_column", str, "The column with the text.", metavar="NAME"),
    option(DataOptions, "label_column", str, "The column with the label.", metavar="NAME"),
    option(
        DataOptions,
        "id_column",
        str,
        "The column with the id; without such a column, rows are numbered.",
        metavar="NAME",
    ),
    option(
        DataOptions,
        "delimiter",
        Delimiter(),
        "What separates the fields in CSV and TSV files: ';', as Excel writes in much of Europe,"
        " or the word tab.",
        default="a comma, in TSV files a tab",
    ),
    option(
        DataOptions,
        "encoding",
        str,
        "How text files are encoded, such as cp1252 (Excel on Windows) or utf-16.",
        metavar="NAME",
    ),
    option(
        DataOptions,
        "on_bad_row",
        click.Choice(["error", "skip"]),
        "Stop at a bad row, or skip it; a report lists what was skipped.",
    ),
)
SPLIT, UNLABELLED = under(
    "Data",
    option(
        DataOptions,
        "split",
        str,
        "The split to evaluate: the name of a file in the data folder, without its extension.",
        default="test; of one file, its own name",
        metavar="NAME",
    ),
    option(
        DataOptions,
        "unlabelled",
        None,
        "Read no labels; the data need no column with them. Rows whose label is empty are read"
        " without this option.",
    ),
)
(LIMIT,) = under(
    "Data",
    option(DataOptions, "limit", POSITIVE, "Use only a seeded sample of N examples."),
)
TRUSTED_TOKENIZER = option(
    PredictOptions,
    "tokenizer",
    str,
    "Trust the checkpoint's custom tokenizer (spacy:MODEL or module:function) by repeating its"
    " name: its code is run.",
    metavar="NAME",
)
PREDICTION = under(
    "Prediction",
    option(
        Workspace,
        "checkpoint",
        PATH,
        "The trained model.",
        default="REPORTS/EXPERIMENT/checkpoint; for the sample reviews the bundled one",
        metavar="FOLDER",
    ),
    option(
        PredictOptions,
        "model",
        str,
        "Predict with a transformer in place of a checkpoint: a folder with a sequence classifier"
        " of Hugging Face, or the name of one in the local cache. Needs transformers: the"
        " extra hf.",
        metavar="hf:FOLDER|hf:NAME",
    ),
    option(
        PredictOptions,
        "weights",
        str,
        "How the words of a transformer are weighted: attention (of the last layer),"
        " attention:LAYER (from 1), rollout, or gradients (integrated gradients, which take about"
        " fifty times as long).",
        default="attention",
        metavar="METHOD",
    ),
    option(
        PredictOptions,
        "heads",
        bool,
        "Keep the weights of each attention head of a transformer too: on the page one can be"
        " chosen. Table and page grow by their number.",
    ),
    option(
        PredictOptions,
        "classes",
        Names(),
        "The names of a transformer's classes as in the data, in the order of its outputs.",
        default="the names in its config",
    ),
    option(PredictOptions, "batch_size", POSITIVE, "Number of examples predicted together."),
    option(
        PredictOptions,
        "max_tokens",
        Count("all", 1),
        "Read only the first N tokens of each text (word-pieces of a transformer).",
    ),
    option(
        PredictOptions,
        "explain",
        Count("all", 0),
        "Test the attention of a seeded sample of N examples by removing words; 0: no test.",
    ),
    TRUSTED_TOKENIZER,
    device_option(PredictOptions),
    seed_option(DataOptions),
)
REPORT = under(
    "Report",
    option(
        ReportOptions,
        "gallery",
        POSITIVE,
        "Show a seeded sample of N examples in the gallery; the metrics cover all examples.",
        default=f"all, up to {GALLERY:,}",
    ),
    option(
        ReportOptions,
        "pdf_examples",
        Count("all", 0),
        "Show at most N examples of the gallery in the PDF: few that are confidently right,"
        " mistakes before all; more than 1,000 make several volumes.",
    ),
    option(
        ReportOptions,
        "single_file",
        None,
        "Also write report.html: the whole gallery in one file, for mailing.",
    ),
    option(
        ReportOptions,
        "slices",
        str,
        "Also measure the examples of each value of this column of the data; can be repeated.",
        "--slice",
        metavar="COLUMN",
        multiple=True,
    ),
    option(
        ReportOptions,
        "unsure_margin",
        SHARE,
        "Predictions whose two largest class probabilities lie closer than this are unsure.",
    ),
    option(
        ReportOptions,
        "shades",
        Shades(),
        "Where the scale of shades ends, which begins at an even share of the attention: run, one"
        " scale for all texts, up to a multiple that at most one text in twenty exceeds; text, up"
        " to the largest weight of each text, however small; or that multiple itself. Attributions"
        " begin at 0; for them X is a size.",
    ),
    option(
        ReportOptions,
        "heatmap_engine",
        click.Choice(["fast", "seaborn"]),
        "Draw heatmaps with the fast engine, or with seaborn; both give the same picture.",
    ),
    option(
        ReportOptions,
        "pdf_cards",
        click.Choice(["both", "text", "heatmap"]),
        "What a card of the PDF shows: its shaded text, its heatmap, or both.",
    ),
    option(ReportOptions, "paper", click.Choice(PAPERS), "The paper of the PDF."),
    option(
        ReportOptions,
        "pdf_variant",
        click.Choice(PDF_VARIANTS),
        "The standard that the PDF follows: PDF/UA-1, which screen readers can read, or PDF/A-3b,"
        " for an archive.",
    ),
    option(
        ReportOptions,
        "language",
        str,
        "The language of the texts, such as en, ja, pt-BR or ar (BCP 47), for screen readers,"
        " fonts and the direction; a row's own column 'language' goes before it.",
        default="unknown",
        metavar="TAG",
    ),
    option(
        ReportOptions,
        "review",
        None,
        "Ask reviewers about each example, in the PDF and on the page: is the label right, does the"
        " shading make sense, a remark.",
    ),
    Option(
        ["--fail-under"],
        type=NamedBound(),
        multiple=True,
        help="End with exit code 3 if this metric of metrics.json is lower, as in accuracy=0.85;"
        " can be repeated.",
    ),
    Option(
        ["--fail-over"],
        type=NamedBound(),
        multiple=True,
        help="End with exit code 3 if this metric is higher, as in ece=0.05; can be repeated.",
    ),
)
REPORTS = option(
    Workspace,
    "reports",
    PATH,
    "The folder for reports, in which an experiment's checkpoint lies.",
    metavar="FOLDER",
)
REPORTS_OR_OUT = option(
    Workspace, "reports", PATH, "The folder for reports.", "--reports", "--out", metavar="FOLDER"
)
EXPERIMENT = option(
    Workspace,
    "experiment",
    str,
    "The name of a series of runs, which is also its folder.",
    default="the name of the data",
    metavar="NAME",
)
MLFLOW = Option(
    ["--mlflow"],
    metavar="URI",
    help="Also log the finished run to MLflow: a tracking server (http://HOST:5000) or a database"
    " (sqlite:///mlflow.db). Needs MLflow: the extra mlflow.",
)
WORKERS = Option(
    ["--workers"],
    type=Count("auto", 1),
    default="auto",
    show_default=True,
    help="Number of processes that predict, explain, and make heatmaps, pages and the PDF; auto:"
    " one per processor if there is enough to do. The result is the same for any number.",
)
SCHEDULER = Option(
    ["--scheduler"],
    metavar="ADDRESS",
    help="Work on the Dask cluster of this scheduler, tcp://HOST:PORT, in place of processes here;"
    " its workers need the same version of reportgen and the same fonts. Needs dask.distributed:"
    " the extra dask.",
)
QUIET = Option(["--quiet"], is_flag=True, help="Show no progress, only the result.")
