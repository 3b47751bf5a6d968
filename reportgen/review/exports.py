"""Read the answers that the page of a report exported as JSON."""

from __future__ import annotations

import hashlib

from reportgen.publish.words.questions import ANSWERS_FORMAT, REVIEWER, VERSION
from reportgen.review.answers import (
    BY_KEY,
    Place,
    Sheet,
    answer,
    json_object,
    line,
    same_run,
    shown,
)

__all__ = ["read_export"]


def read_export(place: Place, content: bytes) -> Sheet:
    """Return the answers of an export.

    Raises:
        ReviewError: it is damaged, of another run, or has an answer that could not be given.
    """
    value = json_object(place, content, "it", ANSWERS_FORMAT, VERSION)
    same_run(place, value.get("run"))
    reviewer, answers = value.get("reviewer", {}), value.get("answers")
    if not isinstance(reviewer, dict) or not isinstance(answers, dict):
        raise place.error("is damaged (it has no answers); export them once more")
    name, date = (_written(place, key, reviewer.get(key, "")) for key in REVIEWER)
    found = {}
    for id_, given in answers.items():
        if not isinstance(given, dict):
            raise place.error(f"is damaged (example {shown(id_)}); export the answers once more")
        unknown = next((key for key in given if key not in BY_KEY), None)
        if unknown is not None:
            raise place.error(f"answers a question that was not asked: {shown(unknown)}")
        texts = {key: answer(place, id_, key, text) for key, text in given.items()}
        found[id_] = {key: text for key, text in texts.items() if text}
    return Sheet(
        place.file,
        hashlib.sha256(content).hexdigest(),
        name,
        date,
        None,
        {id_: given for id_, given in found.items() if given},
    )


def _written(place: Place, key: str, value: object) -> str:
    if not isinstance(value, str | None):
        raise place.error(f"the reviewer's {key} is no text")
    return line(value or "")
