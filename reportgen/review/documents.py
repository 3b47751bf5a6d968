"""Read the answers out of a PDF that a reviewer filled. Only this module knows pypdf.

The file may come from any program and may be hostile: whatever goes wrong inside pypdf is an error
of one line. Its own limits bound what a compressed stream may grow to.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reportgen.errors import ReviewError
from reportgen.publish.words.questions import (
    FIELDS_FILE,
    FIELDS_FORMAT,
    QUESTIONS,
    REVIEWER,
    VERSION,
    field_name,
    reviewer_field,
)
from reportgen.review.answers import Place, Sheet, answer, json_object, line, same_run, shown

__all__ = ["read_document"]

INPUTS = "inputs.json"
DEEPEST = 32  # levels of fields
NUMBER = re.compile(r"\d{4,9}")


def read_document(place: Place, content: bytes) -> Sheet:
    """Return the answers in the fields of a PDF.

    Raises:
        ReviewError: it is broken, encrypted, of another run or no review at all, or an answer is
            none of those to choose from.
    """
    try:
        with _quiet():
            attached, fields = _parts(place, content)
    except ReviewError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # a parser of foreign bytes: its errors are of every kind
        detail = " ".join(str(error).split())[:100] or type(error).__name__
        raise place.error(f"not a whole PDF ({detail}); ask for the file once more") from error
    examples = _examples(place, attached, fields)
    answers: dict[str, dict[str, str]] = {}
    for number, id_ in examples.items():
        given = {
            question.key: answer(place, id_, question.key, value)
            for question in QUESTIONS
            if (value := fields.get(field_name(question.key, number))) is not None
        }
        answers[id_] = {key: text for key, text in given.items() if text}
    name, date = (line(fields.get(reviewer_field(key), "")) for key in REVIEWER)
    return Sheet(
        place.file,
        hashlib.sha256(content).hexdigest(),
        name,
        date,
        frozenset(examples.values()),
        {id_: given for id_, given in answers.items() if given},
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep from the terminal what pypdf says of a file that another program wrote."""
    logger, nowhere = logging.getLogger("pypdf"), logging.NullHandler()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(nowhere)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeHandler(nowhere)
        logger.propagate = propagate


def _parts(place: Place, content: bytes) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return what this program attached to the document, and the text of each of its fields."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise place.error("is encrypted; ask for a copy without a password or restrictions")
    attached = {}
    for file in reader.attachment_list:
        for name in {file.name, file.alternative_name} & {INPUTS, FIELDS_FILE}:
            attached[str(name)] = file.content
    root = reader.root_object
    form = _resolved(root.get("/AcroForm"))
    top = _resolved(form.get("/Fields")) if isinstance(form, Mapping) else None
    fields = _Fields()
    fields.add(top)
    return attached, fields.texts


def _resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


@dataclass(frozen=True, slots=True)
class _Fields:
    """The texts of a form's fields by their whole names, and which objects were read for them."""

    texts: dict[str, str] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def add(self, kids: Any, prefix: str = "", depth: int = 0) -> None:
        """Add these fields and those below them; a field that was read already is left out."""
        for kid in kids if isinstance(kids, list) and depth <= DEEPEST else ():
            number = getattr(kid, "idnum", None)
            part = _resolved(kid)
            if number in self.seen or not isinstance(part, Mapping):
                continue
            if number is not None:
                self.seen.add(number)
            own = _resolved(part.get("/T"))
            name = prefix
            if own is not None:
                name = f"{prefix}.{_text(own)}" if prefix else _text(own)
                value, options = (_resolved(part.get(key)) for key in ("/V", "/Opt"))
                self.texts[name] = _chosen(_text(value), options)
            self.add(_resolved(part.get("/Kids")), name, depth + 1)


def _text(value: Any) -> str:
    """Return the text of a value: a string, bytes of no named encoding, a stream, a list of one."""
    if isinstance(value, list):
        return _text(_resolved(value[0])) if len(value) == 1 else ""
    if hasattr(value, "get_data"):
        value = value.get_data()
    if isinstance(value, bytes):
        for start, encoding in ((b"\xfe\xff", "utf-16"), (b"\xff\xfe", "utf-16")):
            if value.startswith(start):
                return value.decode(encoding, "replace")
        try:
            return value.decode("utf-8-sig")
        except UnicodeDecodeError:
            return value.decode("latin-1")
    return str(value).removeprefix("\ufeff") if isinstance(value, str) else ""


def _chosen(text: str, options: Any) -> str:
    """Return the stored value of a choice: some programs write what they show in its place."""
    if not isinstance(options, list):
        return text
    pairs = [_resolved(option) for option in options]
    named = {
        _text(_resolved(pair[1])): _text(_resolved(pair[0]))
        for pair in pairs
        if isinstance(pair, list) and len(pair) == 2
    }
    return text if text in named.values() else named.get(text) or text


def _examples(
    place: Place, attached: Mapping[str, bytes], fields: Mapping[str, str]
) -> dict[str, str]:
    """Return the example of each number of a field.

    Raises:
        ReviewError: the document says another run, no run, or has no fields for answers.
    """
    if INPUTS in attached:
        same_run(place, hashlib.sha256(attached[INPUTS]).hexdigest())
    named = any(field_name(question.key, "") in name for question in QUESTIONS for name in fields)
    if FIELDS_FILE not in attached:
        if INPUTS in attached and not named:
            raise place.error(
                "has no fields for answers; make the report with --review and send that PDF"
            )
        if named:
            raise place.error(
                "lost its attached files, so its answers cannot be told apart; ask for the file as"
                " saved by another PDF program, or for the answers from the page"
            )
        raise place.error(
            "is no report of reportgen, or was printed to a new file, which drops the answers;"
            " ask for the file that was filled and saved"
        )
    if INPUTS not in attached:
        raise place.error(f"lost the attached {INPUTS}, so its run is unknown")
    return _map(place, attached[FIELDS_FILE], named)


def _map(place: Place, content: bytes, named: bool) -> dict[str, str]:
    value = json_object(place, content, f"the attached {FIELDS_FILE}", FIELDS_FORMAT, VERSION)
    same_run(place, value.get("run"))
    examples = value.get("fields")
    if not isinstance(examples, dict):
        raise place.error(f"the attached {FIELDS_FILE} is damaged (no fields)")
    for number, id_ in examples.items():
        if not NUMBER.fullmatch(number) or not isinstance(id_, str):
            raise place.error(f"the attached {FIELDS_FILE} is damaged ({shown(number)})")
    if not named:
        raise place.error(
            "has no fields left: printing or flattening removes them; ask for the file that was"
            " filled and saved"
        )
    return examples
