"""``reportgen train``: train a checkpoint on split ``train`` of a data folder."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import click
from click.core import ParameterSource

from reportgen.cli.commands import Command, Option, under
from reportgen.cli.execution import shown_progress
from reportgen.cli.fields import device_option, option, record, seed_option
from reportgen.cli.options import (
    DATA,
    EXPERIMENT,
    LIMIT,
    QUIET,
    REPORTS,
)
from reportgen.cli.output import tell
from reportgen.cli.types import FRACTION, PATH, POSITIVE, Count, Real, Whole
from reportgen.options import PRESETS, TrainingOptions, TrainingSetup
from reportgen.workspace import Workspace

__all__ = ["train"]


def preset_option(field: str, kind: Any, text: str) -> Option:
    """Return the option for a field of ``TrainingOptions``; its help tells every preset's value."""
    values = {
        name: kind.word if (value := getattr(preset, field)) is None else f"{value:g}"
        for name, preset in PRESETS.items()
    }
    first, *others = values
    parts = [values[first], *(f"{n}: {values[n]}" for n in others if values[n] != values[first])]
    return option(TrainingOptions, field, kind, text, default="; ".join(parts))


MODEL = under(
    "Model",
    Option(
        ["--preset"],
        type=click.Choice(list(PRESETS)),
        default=next(iter(PRESETS)),
        show_default=True,
        help="Where the options below take their defaults from; article: the larger model of the"
        " article that this project began with.",
    ),
    option(
        TrainingSetup,
        "tokenizer",
        str,
        "How texts are split. basic_english: at spaces and punctuation; character: into single"
        " characters, for scripts without spaces between words, such as Japanese, Chinese or Thai;"
        " spacy:MODEL, or module:function: a function of yours, for words in any language.",
        metavar="NAME",
    ),
    option(
        TrainingSetup,
        "vectors",
        str,
        "Word vectors that the embedding starts from: a text file (also .gz), or a name such as"
        " glove.6B.300d, which is downloaded.",
        default="random vectors",
        metavar="FILE|NAME",
    ),
    option(
        TrainingSetup,
        "vectors_vocab",
        Whole(min=0),
        "Know the first N words of --vectors too, which are its most frequent ones, even if the"
        " training data lack them; 0: none.",
    ),
    preset_option("vocab_size", POSITIVE, "Largest number of words; the most frequent are used."),
    preset_option("min_count", POSITIVE, "Leave out words that occur fewer than N times."),
    preset_option("embedding_dim", POSITIVE, "Embedding dimension."),
    preset_option("hidden_size", POSITIVE, "Hidden units of the GRU per direction."),
    preset_option("num_layers", POSITIVE, "Layers of the GRU."),
)
TRAINING = under(
    "Training",
    option(
        TrainingSetup,
        "valid_fraction",
        Real(0, 1, min_open=True, max_open=True),
        "Share of each class held out for validation where there is no split 'valid' or"
        " 'validation'.",
    ),
    preset_option("epochs", POSITIVE, "Largest number of passes over the training data."),
    preset_option(
        "patience", POSITIVE, "Stop after N epochs without a better validation accuracy."
    ),
    preset_option("batch_size", POSITIVE, "Mini-batch size."),
    preset_option("learning_rate", Real(0, min_open=True), "Step size of the Adam optimizer."),
    preset_option(
        "max_length",
        Count("all", 1),
        "Train on at most N tokens of each text; of a longer one, its two ends.",
    ),
    preset_option("dropout", FRACTION, "Dropout between layers."),
    preset_option("word_dropout", FRACTION, "Share of tokens replaced by the unknown word."),
    preset_option(
        "average",
        FRACTION,
        "Decay of the running mean of the weights, which is what is saved; 0: no mean.",
    ),
    device_option(TrainingSetup),
    seed_option(TrainingOptions),
)
OUT = option(
    Workspace,
    "checkpoint",
    PATH,
    "The checkpoint to write.",
    "--out",
    default="REPORTS/EXPERIMENT/checkpoint",
    metavar="FOLDER",
)


@click.command(
    cls=Command,
    params=[*DATA, LIMIT, *MODEL, *TRAINING, OUT, REPORTS, EXPERIMENT, QUIET],
    examples=[
        ("reportgen train --data my_reviews", "train a checkpoint"),
        ("reportgen --data my_reviews", "report with it"),
        ("reportgen train --data imdb --vectors glove.6B.100d", "start from GloVe"),
    ],
)
@click.pass_context
def train(ctx: click.Context, /, preset: str, **values: Any) -> None:
    """Train a checkpoint on split 'train' of a data folder.

    The best epoch by validation accuracy is kept (of equal ones by the loss), even if training is
    interrupted. The validation examples are split 'valid', or a part of split 'train' where there
    is none. One file given with --data is split 'train'.
    """
    from reportgen import pipeline

    given = {
        field.name: values[field.name]
        for field in fields(TrainingOptions)
        if ctx.get_parameter_source(field.name) is ParameterSource.COMMANDLINE
    }
    folder = pipeline.train(
        record(pipeline.DataOptions, values),
        replace(PRESETS[preset], **given),
        record(pipeline.TrainingSetup, values),
        record(pipeline.Workspace, values),
        shown_progress(values["quiet"]),
    )
    tell(folder)
