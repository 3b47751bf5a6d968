"""``reportgen collect``: read reviewers' answers to a run back, and sum them up beside it."""

from __future__ import annotations

from pathlib import Path

import click

from reportgen.cli.commands import Command, Option
from reportgen.cli.execution import shown_progress
from reportgen.cli.finish import size_line
from reportgen.cli.options import QUIET
from reportgen.cli.output import tell
from reportgen.cli.types import PATH

__all__ = ["collect"]

OUT = Option(
    ["--out"],
    type=PATH,
    metavar="FOLDER",
    show_default="beside the run, named as it is with -review",
    help="The folder to write, which must not be there yet.",
)


@click.command(
    cls=Command,
    params=[
        click.Argument(["run"], type=PATH),
        click.Argument(["answers"], type=PATH, nargs=-1, required=True),
        OUT,
        QUIET,
    ],
    examples=[
        ("reportgen collect reports/mine/latest *.pdf", "what reviewers sent back"),
        ("reportgen collect RUN ann.pdf bo.json", "a PDF, and answers from the page"),
        ("reportgen collect RUN *.pdf --out second", "once more, with later answers"),
    ],
)
def collect(run: Path, answers: tuple[Path, ...], out: Path | None, quiet: bool) -> None:
    """Read back what reviewers answered about a run.

    RUN is the folder of a run made with --review. ANSWERS are the PDFs that reviewers filled and
    saved, in whatever program, and the files that its page exported. The review says who answered,
    how far reviewers agree, which labels they find wrong, and shows every remark.

    Files with the same name of a reviewer on them are of one reviewer; they may be the volumes of
    a report, but must not contradict each other. A file without a name counts as a reviewer of its
    own. Files of another run, unfilled or damaged ones are refused.
    """
    from reportgen.review.collecting import collect as collect_answers

    done = collect_answers(run, answers, out, shown_progress(quiet))
    tell(
        done.headline,
        f"HTML  {done.folder / 'index.html'}",
        f"PDF   {done.folder / 'review.pdf'}",
        f"CSV   {done.folder / 'reviews.csv'}",
        size_line(done.size),
        f"Digest {done.digest}",
    )
