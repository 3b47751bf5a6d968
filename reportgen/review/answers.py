"""What one file of answers holds, and whether an answer is one that could be given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reportgen.characters import legal, printable
from reportgen.errors import ReviewError
from reportgen.publish.words.questions import CHOOSE, QUESTIONS

__all__ = ["BY_KEY", "Place", "Sheet", "answer", "json_object", "line", "same_run", "shown"]

LONGEST = 100_000  # characters of one answer
CUT = 60  # characters of a foreign value that an error shows
BY_KEY = {question.key: question for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The answers in one file: by example and question, none of them empty.

    ``file`` is how the user named it, ``sha256`` that of its bytes. ``name`` and ``date`` are what
    the reviewer wrote, empty where nothing. ``offered`` are the examples that it asked about, None
    where the file does not say.
    """

    file: str
    sha256: str
    name: str
    date: str
    offered: frozenset[str] | None
    answers: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """The file that is being read, for errors, and the hash of the run that it should belong to."""

    file: str
    run: str

    def error(self, problem: str) -> ReviewError:
        """Return an error that names the file."""
        return ReviewError(f"{self.file}: {problem}")


def shown(value: object) -> str:
    """Return a value of a foreign file as an error may show it: short, in quotes, in one line."""
    text = value if isinstance(value, str) else type(value).__name__
    return repr(text if len(text) <= CUT else text[: CUT - 1] + "…")


def line(text: str) -> str:
    """Return what a reviewer wrote as one line of legal characters."""
    return " ".join(legal(text)[0].split())


def answer(place: Place, id_: str, key: str, value: object) -> str:
    """Return the answer to a question about an example, empty where none was given.

    Raises:
        ReviewError: it is no text, is too long, or is not among the answers to choose from.
    """
    if not isinstance(value, str):
        raise place.error(f"the answer {key} of example {shown(id_)} is no text")
    if len(value) > LONGEST:
        raise place.error(
            f"the answer {key} of example {shown(id_)} has more than {LONGEST:,} characters"
        )
    text = legal(value.replace("\r\n", "\n").replace("\r", "\n"))[0].strip()
    choices = BY_KEY[key].answers
    if not choices or not text:
        return text
    chosen = next((choice for choice in choices if choice == text.casefold()), None)
    if chosen is None and text.casefold() != CHOOSE:
        raise place.error(
            f"the answer {key} of example {shown(id_)} is {shown(text)}, not one of"
            f" {', '.join(choices)}; choose one of these in it, or none"
        )
    return chosen or ""


def json_object(place: Place, content: bytes, what: str, format_: str, version: int) -> Any:
    """Parse a JSON object that names its format and version.

    Raises:
        ReviewError: it is damaged, another format, or of a later version.
    """
    try:
        value = json.loads(content, parse_constant=_refuse)
    except RecursionError as error:
        raise place.error(f"{what} is damaged (nested too deeply)") from error
    except ValueError as error:
        raise place.error(f"{what} is damaged ({error})") from error
    if not isinstance(value, dict) or value.get("format") != format_:
        raise place.error(f"{what} is not of the format {format_}")
    if value.get("version") != version:
        found = value.get("version")
        number = found if isinstance(found, int) and not isinstance(found, bool) else shown(found)
        raise place.error(
            f"{what} has version {number}, and this program reads {version};"
            " collect it with the version of reportgen that made it"
        )
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def same_run(place: Place, run: object) -> None:
    """Refuse answers to another run.

    Raises:
        ReviewError: the hash is not that of the run.
    """
    if run != place.run:
        other = run[:8] if isinstance(run, str) and run else "an unknown run"
        raise place.error(
            f"answers another run ({printable(other)}, not {place.run[:8]}); collect it with its"
            " own run"
        )
