"""Read files of answers, PDFs and JSON, and put together those of one reviewer."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import ReviewError
from reportgen.files import open_regular
from reportgen.review.answers import Place, Sheet, shown
from reportgen.review.documents import read_document
from reportgen.review.exports import read_export

__all__ = ["Reviewer", "read_answers", "reviewers"]

LARGEST = 256 << 20  # bytes of a file
SNIFFED = 1024  # bytes at its start in which a PDF says that it is one


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One reviewer: by name, or by a file without one, with all answers of their files.

    ``offered`` counts the examples that the files ask about, None where one does not say.
    """

    name: str
    named: bool
    dates: tuple[str, ...]
    files: tuple[str, ...]
    offered: int | None
    answers: dict[str, dict[str, str]]

    def given(self, key: str) -> int:
        """Return how many examples have an answer to this question."""
        return sum(key in given for given in self.answers.values())


def read_answers(path: Path, run: str, ids: Collection[str]) -> Sheet:
    """Read one file of answers to the run of this hash, which has examples of these ids.

    Raises:
        ReviewError: it cannot be read, is of another run, or holds no answer; the message says
            what to do.
    """
    place = Place(str(path), run)
    try:
        with open_regular(path) as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise place.error(f"cannot be read ({error.strerror or error})") from error
    if len(content) > LARGEST:
        raise place.error(f"is larger than {LARGEST >> 20} MiB, more than any file of answers")
    if b"%PDF-" in content[:SNIFFED]:
        sheet = read_document(place, content)
    elif content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        sheet = read_export(place, content)
    else:
        raise place.error("is neither a PDF nor the answers that a report's page exports")
    strange = next((id_ for id_ in sheet.answers if id_ not in ids), None)
    if strange is not None:
        raise place.error(f"answers for example {shown(strange)}, which the run does not have")
    if not sheet.answers:
        raise place.error(
            "has no answer in it; leave it out, or ask whether the filled file was saved"
        )
    return sheet


def reviewers(sheets: Sequence[Sheet]) -> list[Reviewer]:
    """Put together the files of each reviewer, in the order of their first files.

    Files with the same name on them (case and spaces aside) are of one reviewer, as the volumes
    of a report are; a file without a name is of a reviewer of its own, who is called like the file.
    The same file given twice counts once.

    Raises:
        ReviewError: two files of a reviewer answer the same question differently.
    """
    sheets = list({sheet.sha256: sheet for sheet in reversed(sheets)}.values())[::-1]
    stems = Counter(Path(sheet.file).name for sheet in sheets)
    groups: dict[str, list[Sheet]] = {}
    for number, sheet in enumerate(sheets):
        folded = unicodedata.normalize("NFKC", sheet.name).casefold()
        groups.setdefault(f"name {folded}" if folded else f"file {number}", []).append(sheet)
    return [_reviewer(group, stems) for group in groups.values()]


def _reviewer(sheets: Sequence[Sheet], stems: Counter[str]) -> Reviewer:
    first = sheets[0]
    file = Path(first.file).name
    offered: set[str] | None = set()
    for sheet in sheets:
        offered = None if offered is None or sheet.offered is None else offered | sheet.offered
    return Reviewer(
        name=first.name or (file if stems[file] == 1 else first.file),
        named=bool(first.name),
        dates=tuple(dict.fromkeys(sheet.date for sheet in sheets if sheet.date)),
        files=tuple(sheet.file for sheet in sheets),
        offered=None if offered is None else len(offered),
        answers=_merged(sheets),
    )


def _merged(sheets: Iterable[Sheet]) -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {}
    origin: dict[tuple[str, str], Sheet] = {}
    for sheet in sheets:
        for id_, given in sheet.answers.items():
            for key, text in given.items():
                before = origin.setdefault((id_, key), sheet)
                if merged.setdefault(id_, {}).setdefault(key, text) != text:
                    raise ReviewError(
                        f"{before.file} and {sheet.file}: both are of the reviewer"
                        f" {shown(sheet.name)} and differ in the answer {key} of example"
                        f" {shown(id_)}; leave out the older file, or, if these are two people,"
                        " have one of them write another name into it"
                    )
    return merged
