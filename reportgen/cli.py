"""Arguments in, messages and exit codes out: the single place that turns errors into text."""

from __future__ import annotations

import difflib
import signal
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click
from click_default_group import DefaultGroup

from reportgen import __version__
from reportgen.errors import ReportgenError, UsageError
from reportgen.progress import ConsoleProgress, Progress, Silent

__all__ = ["cli", "main"]

F = TypeVar("F", bound=Callable[..., Any])
BROKEN, INTERRUPTED = 3, 130


class Group(DefaultGroup):
    """A group whose help shows the default command's options and that guesses at typos."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description, the commands, and the default command's options."""
        super().format_help(ctx, formatter)
        default = self.get_command(ctx, self.default_cmd_name)
        with formatter.section("Options of run, which is the default command"):
            records = [p.get_help_record(ctx) for p in default.get_params(ctx)]
            formatter.write_dl([r for r in records if r is not None and "--help" not in r[0]])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return the command; a word that is none is a typo, not an argument of the default."""
        if cmd_name not in self.commands and not cmd_name.startswith("-"):
            near = difflib.get_close_matches(cmd_name, self.commands, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"no command {cmd_name!r}{hint}", ctx)
        command: click.Command = super().get_command(ctx, cmd_name)
        return command


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Join options that several commands share."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


class Count(click.ParamType[int | None]):
    """A number of at least ``least``, or a word that stands for None."""

    def __init__(self, word: str, least: int) -> None:
        self.word, self.least = word, least
        self.name = f"N|{word}"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        """Parse the number or the word."""
        if value == self.word or value is None:
            return None
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor {self.word!r}", param, ctx)
        if number < self.least:
            self.fail(f"{value} is less than {self.least}", param, ctx)
        return number


class NamedBound(click.ParamType[tuple[str, float]]):
    """A metric's name and a number: ``accuracy=0.85``."""

    name = "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Split the word at its last equals sign."""
        name, sign, number = str(value).rpartition("=")
        try:
            if not (sign and name):
                raise ValueError
            return name, float(number)
        except ValueError:
            self.fail(f"{value!r} is not NAME=VALUE, as in accuracy=0.85", param, ctx)


positive = click.IntRange(min=1)
share = click.FloatRange(0, 1, max_open=True)
PATH = click.Path(path_type=Path)

quiet = click.option("--quiet", is_flag=True, help="Show no progress, only the result.")
out_reports = click.option(
    "--out", "reports", type=PATH, default=Path("reports"), show_default=True,
    metavar="FOLDER", help="The folder for reports.",
)  # fmt: skip
experiment_option = click.option(
    "--experiment", metavar="NAME", help="A name for a series of runs.  [default: the data's name]"
)
data_options = together(
    click.option("--data", metavar="FOLDER|imdb", help=(
        "A folder with SPLIT.csv, SPLIT.tsv or SPLIT.jsonl (also .gz; columns text, label,"
        " optional id) or with SPLIT/LABEL/*.txt; the word imdb downloads the Large Movie Review"
        " Dataset.  [default: the sample reviews]")),
    click.option("--text-column", default="text", show_default=True, metavar="NAME",
                 help="The column with the text."),
    click.option("--label-column", default="label", show_default=True, metavar="NAME",
                 help="The column with the label."),
    click.option("--id-column", default="id", show_default=True, metavar="NAME",
                 help="The column with the id; where there is none, rows are numbered."),
    click.option("--on-bad-row", type=click.Choice(["error", "skip"]), default="error",
                 show_default=True, help="Stop at a bad row, or leave it out and list it."),
    click.option("--limit", type=positive, metavar="N", help="Use a seeded sample of N examples."),
)  # fmt: skip
seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="Seeds every random choice."
)
device_option = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True,
    help="Where the model runs.",
)  # fmt: skip
predict_options = together(
    click.option("--split", default="test", show_default=True, metavar="NAME",
                 help="The split to evaluate: the stem of a file in the data folder."),
    data_options,
    click.option("--checkpoint", type=PATH, metavar="FOLDER", help=(
        "The trained model.  [default: the experiment's own, REPORTS/EXPERIMENT/checkpoint;"
        " for the sample reviews the one that comes along]")),
    experiment_option,
    click.option("--batch-size", type=positive, default=64, show_default=True,
                 help="Examples that are predicted together."),
    click.option("--max-tokens", type=positive, metavar="N",
                 help="Read only the first N tokens of a text.  [default: all]"),
    click.option("--tokenizer", metavar="NAME", help=(
        "Allow a checkpoint's tokenizer that is code from outside (spacy:…, module:function)"
        " by repeating its name.")),
    click.option("--explain", type=Count("all", 0), default=50, show_default=True, help=(
        "Test the attention of a seeded sample of so many examples by removing words.")),
    device_option,
    seed_option,
)  # fmt: skip
report_options = together(
    click.option("--heatmap-engine", type=click.Choice(["fast", "seaborn"]), default="fast",
                 show_default=True, help="The fast drawing, or seaborn's own of the same picture."),
    click.option("--unsure-margin", type=click.FloatRange(0, 1), default=0.2, show_default=True,
                 help="Predictions whose two largest probabilities lie closer are unsure."),
    click.option("--slice", "slices", multiple=True, metavar="COLUMN", help=(
        "Also measure each value of a further column of the data; can be repeated.")),
    click.option("--gallery", type=positive, metavar="N", help=(
        "Show a seeded sample of N examples; the metrics are of all."
        "  [default: all up to 25,000]")),
    click.option("--pdf-examples", type=Count("all", 0), default=120, show_default=True,
                 help="Examples of the gallery that the PDF shows; more than 1,000 make volumes."),
    click.option("--single-file", is_flag=True, help=(
        "Also write report.html, the whole gallery in one file for mailing.")),
    click.option("--fail-under", type=NamedBound(), multiple=True, help=(
        "End with exit code 3 where a metric of metrics.json is less; can be repeated.")),
    click.option("--fail-over", type=NamedBound(), multiple=True, help=(
        "End with exit code 3 where a metric is more, as in ece=0.05; can be repeated.")),
    click.option("--workers", type=Count("auto", 1), default="auto", show_default=True, help=(
        "Processes that draw heatmaps, pages and PDF volumes; auto: one for each processor where"
        " there is enough to do. The result is the same.")),
)  # fmt: skip


@click.group(cls=Group, default="run", default_if_no_args=True)
@click.version_option(__version__, prog_name="reportgen")
def cli() -> None:
    r"""Run a trained attention classifier over a dataset split and publish what it did.

    Each example gets an attention heatmap; the gallery, most confident mistakes first, is
    written as static HTML and as PDF into an archived run folder.

    \b
      reportgen --split test                       the sample reviews
      reportgen train --data FOLDER                train on your own data
      reportgen --data FOLDER --split test         report on it
    """


def _progress(quiet: bool) -> Progress:
    return Silent() if quiet else ConsoleProgress()


def _data(values: dict[str, Any]) -> Any:
    from reportgen.options import DataOptions

    return DataOptions(**_taken(DataOptions, values))


def _taken(cls: type, values: dict[str, Any]) -> dict[str, Any]:
    return {f.name: values[f.name] for f in fields(cls) if f.name in values}


def _bounds(values: dict[str, Any]) -> list[Any]:
    from reportgen.publish.gate import Bound

    return [
        *(Bound(name, value) for name, value in values["fail_under"]),
        *(Bound(name, value, over=True) for name, value in values["fail_over"]),
    ]


def _announce(finished: Any) -> None:
    click.echo(finished.headline)
    click.echo(f"HTML  {finished.folder / 'index.html'}")
    if (finished.folder / "report.html").is_file():
        click.echo(f"File  {finished.folder / 'report.html'}")
    more = len(list(finished.folder.glob("report-*.pdf")))
    further = f" and {more} further volume{'s' if more > 1 else ''}" if more else ""
    click.echo(f"PDF   {finished.folder / 'report.pdf'}{further}")
    size = finished.size / 1e6
    click.echo(f"Size  {f'{size:,.1f} MB' if size < 1000 else f'{size / 1000:,.2f} GB'}")
    for line in finished.broken:
        click.echo(f"error: {line}", err=True)
    if finished.broken:
        click.get_current_context().exit(BROKEN)


@cli.command(context_settings={"show_default": True})
@predict_options
@report_options
@out_reports
@quiet
def run(reports: Path, quiet: bool, experiment: str | None, **values: Any) -> None:
    """Predict a split and make the whole report (the default command)."""
    from reportgen import pipeline

    finished = pipeline.run(
        _data(values),
        pipeline.PredictOptions(**_taken(pipeline.PredictOptions, values)),
        pipeline.ReportOptions(**_taken(pipeline.ReportOptions, values)),
        checkpoint=values["checkpoint"],
        reports=reports,
        experiment=experiment,
        workers=values["workers"],
        bounds=_bounds(values),
        progress=_progress(quiet),
    )
    _announce(finished)


@cli.command()
@predict_options
@click.option(
    "--out", type=PATH, default=Path("predictions.parquet"), show_default=True, metavar="FILE",
    help="The table to write.",
)  # fmt: skip
@click.option(
    "--reports", type=PATH, default=Path("reports"), show_default=True, metavar="FOLDER",
    help="Where an experiment's own checkpoint is looked for.",
)  # fmt: skip
@quiet
def predict(reports: Path, quiet: bool, experiment: str | None, out: Path, **values: Any) -> None:
    """Predict a split and write the predictions table, without a report."""
    from reportgen import pipeline

    written = pipeline.predict(
        _data(values),
        pipeline.PredictOptions(**_taken(pipeline.PredictOptions, values)),
        checkpoint=values["checkpoint"],
        reports=reports,
        experiment=experiment,
        out=out,
        progress=_progress(quiet),
    )
    click.echo(written)


@cli.command()
@click.option(
    "--predictions", "source", type=PATH, required=True, metavar="FILE",
    help="The table: parquet or JSON Lines, from `reportgen predict` or any other program.",
)  # fmt: skip
@experiment_option
@report_options
@out_reports
@quiet
def render(source: Path, reports: Path, quiet: bool, experiment: str | None, **values: Any) -> None:
    """Make the whole report from a predictions table; needs no model."""
    from reportgen import pipeline

    finished = pipeline.render(
        source,
        pipeline.ReportOptions(**_taken(pipeline.ReportOptions, values)),
        reports=reports,
        experiment=experiment,
        workers=values["workers"],
        bounds=_bounds(values),
        progress=_progress(quiet),
    )
    _announce(finished)


def _training(name: str, kind: Any, help_: str) -> Callable[[F], F]:
    # No default here: it comes from the preset, which an option given overrides.
    return click.option(f"--{name}", type=kind, metavar="N", help=f"{help_}  [preset]")


@cli.command()
@data_options
@experiment_option
@click.option(
    "--out", type=PATH, metavar="FOLDER",
    help="The checkpoint to write.  [default: REPORTS/EXPERIMENT/checkpoint]",
)  # fmt: skip
@click.option(
    "--reports", type=PATH, default=Path("reports"), show_default=True, metavar="FOLDER",
    help="The folder for experiments.",
)  # fmt: skip
@click.option(
    "--preset", type=click.Choice(["default", "article"]), default="default", show_default=True,
    help="Where options marked [preset] come from; article: 3 layers, 512 units, 300-d embeddings.",
)  # fmt: skip
@click.option(
    "--tokenizer", default="basic_english", show_default=True, metavar="NAME",
    help="basic_english, character, spacy:MODEL or module:function.",
)  # fmt: skip
@click.option(
    "--vectors", metavar="FILE|NAME",
    help="Word vectors that the embedding starts from: a text file (also .gz), or glove.6B.300d"
    " and the like, which is downloaded.",
)  # fmt: skip
@click.option(
    "--valid-fraction", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.1,
    show_default=True, help="Held out for validation, by class, where there is no split 'valid'.",
)  # fmt: skip
@_training("epochs", positive, "How often the data is seen at most.")
@_training("patience", positive, "Epochs without a better validation accuracy before it stops.")
@_training("batch-size", positive, "Examples of one step.")
@_training("learning-rate", click.FloatRange(0, min_open=True), "Adam's step size.")
@_training("num-layers", positive, "Layers of the GRU.")
@_training("hidden-size", positive, "Units of the GRU each way.")
@_training("embedding-dim", positive, "Numbers per word.")
@_training("dropout", share, "Dropout in training.")
@_training("word-dropout", share, "Share of words hidden in training.")
@_training("average", share, "Decay of the mean of the weights; 0: none.")
@_training("vocab-size", positive, "Words kept, most frequent first.")
@_training("min-count", positive, "Occurrences that make a word known.")
@_training("max-length", positive, "Longer texts keep their two ends, in training only.")
@device_option
@seed_option
@quiet
def train(quiet: bool, preset: str, seed: int, limit: int | None, **values: Any) -> None:
    """Train a checkpoint on split 'train' of a data folder.

    The best epoch by validation accuracy is kept, also when the training is interrupted.
    """
    from dataclasses import replace

    from reportgen import pipeline
    from reportgen.options import PRESETS

    base = PRESETS[preset]
    given = {k: v for k, v in _taken(type(base), values).items() if v is not None}
    folder = pipeline.train(
        _data({**values, "limit": limit, "seed": seed}),
        replace(base, **given, seed=seed),
        reports=values["reports"],
        experiment=values["experiment"],
        out=values["out"],
        tokenizer=values["tokenizer"],
        vectors=values["vectors"],
        valid_fraction=values["valid_fraction"],
        device=values["device"],
        progress=_progress(quiet),
    )
    click.echo(folder)


@cli.command()
@click.argument("checkpoint", type=PATH)
@data_options
@click.option("--out", type=PATH, required=True, metavar="FOLDER", help="The checkpoint to write.")
@click.option(
    "--tokenizer", metavar="NAME",
    help="Allow a checkpoint's tokenizer that is code from outside by repeating its name.",
)  # fmt: skip
@device_option
@seed_option
@quiet
def calibrate(checkpoint: Path, out: Path, quiet: bool, **values: Any) -> None:
    """Fit one temperature on the validation examples and write a new checkpoint.

    Its confidences fit how often it is right; its answers stay the same. Validation examples are
    split 'valid', or what the training held out.
    """
    from reportgen import pipeline

    temperature = pipeline.calibrate(
        _data(values),
        pipeline.PredictOptions(**_taken(pipeline.PredictOptions, values)),
        checkpoint=checkpoint,
        out=out,
        progress=_progress(quiet),
    )
    click.echo(f"temperature {temperature:.3f}")
    click.echo(out)


@cli.command()
@click.argument("run", type=PATH)
@click.pass_context
def verify(ctx: click.Context, run: Path) -> None:
    """Compare a run folder with its manifest: what changed, is missing, or is new (exit 1)."""
    from reportgen.publish.archive import verify as verify_run

    found = verify_run(run)
    for finding in found:
        click.echo(f"{finding.kind:<8} {finding.file}")
    if found:
        click.echo(f"{run}: {len(found)} file{'s' if len(found) > 1 else ''} differ", err=True)
        ctx.exit(1)
    click.echo(f"{run}: every hash holds")


def main() -> None:
    """Run the command line; every error becomes one line and an exit code."""
    # A polite kill ends as cleanly as Ctrl-C: nothing half-written stays, the best epoch does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = cli.main(prog_name="reportgen", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.UsageError as error:
        hint = f" (see `{error.ctx.command_path} --help`)" if error.ctx else ""
        _fail(f"{error.format_message()}{hint}", UsageError.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), 1)
    except ReportgenError as error:
        _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted; nothing half-written stays", INTERRUPTED)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _fail(f"{place}{error.strerror or error}", 1)


def _fail(message: str, code: int) -> None:
    one_line = " ".join(message.split())
    click.echo(f"error: {one_line}", err=True)
    sys.exit(code)
