"""``reportgen calibrate``: fit the temperature of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reportgen.cli.commands import Command, Option, under
from reportgen.cli.execution import shown_progress
from reportgen.cli.fields import device_option, record
from reportgen.cli.options import DATA, QUIET, TRUSTED_TOKENIZER
from reportgen.cli.output import tell
from reportgen.cli.types import PATH
from reportgen.options import PredictOptions

__all__ = ["calibrate"]

OUT = Option(
    ["--out"], type=PATH, required=True, metavar="FOLDER", help="The new checkpoint to write."
)


@click.command(
    cls=Command,
    params=[
        click.Argument(["checkpoint"], type=PATH),
        *DATA,
        *under(
            "Prediction",
            TRUSTED_TOKENIZER,
            device_option(PredictOptions),
        ),
        OUT,
        QUIET,
    ],
    examples=[
        ("reportgen calibrate my_model --data my_reviews --out calibrated", ""),
        ("reportgen --data my_reviews --checkpoint calibrated", "report with it"),
    ],
)
def calibrate(checkpoint: Path, out: Path, quiet: bool, **values: Any) -> None:
    """Calibrate a checkpoint by temperature scaling.

    Reads the folder CHECKPOINT, fits one temperature on the validation examples, and writes a new
    checkpoint with it. This brings confidence closer to accuracy; the predicted classes stay
    the same. The validation examples are split 'valid', or those that the training held out.
    """
    from reportgen import pipeline

    temperature = pipeline.calibrate(
        record(pipeline.DataOptions, values),
        record(pipeline.PredictOptions, values),
        checkpoint=checkpoint,
        out=out,
        progress=shown_progress(quiet),
    )
    tell(f"temperature {temperature:.3f}", out)
