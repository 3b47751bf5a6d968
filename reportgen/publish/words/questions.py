"""What reviewers are asked of each example, and how their answers are named in PDF and JSON.

The fields of the PDF, the forms of the page and whoever reads answers back take it from here.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ANSWERS_FORMAT",
    "CHOOSE",
    "FIELDS_FILE",
    "FIELDS_FORMAT",
    "LABEL",
    "PREDICTION",
    "QUESTIONS",
    "REMARK",
    "REVIEWER",
    "REVIEW_PDF",
    "SHADING",
    "VERSION",
    "Question",
    "asked_of",
    "field_name",
    "field_number",
    "reviewer_field",
    "tip",
]


@dataclass(frozen=True, slots=True)
class Question:
    """One question about an example.

    ``key`` names it in fields and files, ``short`` stands beside its field, ``asked`` is the whole
    question. ``answers`` are the values to choose from, as they are stored and as they are shown;
    without any the answer is free text. An empty answer is none.
    """

    key: str
    short: str
    asked: str
    answers: tuple[str, ...] = ()


LABEL = Question(
    "label", "Label", "Is the label right?", ("right", "wrong", "ambiguous", "cannot tell")
)
# The same question about an example without a label, under the same key.
PREDICTION = Question("label", "Prediction", "Is the predicted class right?", LABEL.answers)
SHADING = Question(
    "shading", "Shading makes sense", "Does the shading make sense?", ("yes", "partly", "no")
)
REMARK = Question("remark", "Remark", "Remark")
QUESTIONS = (LABEL, SHADING, REMARK)
CHOOSE = "choose"  # what an unanswered choice shows; its value is empty

REVIEWER = {"name": "Your name", "date": "Date"}  # asked once, by their keys

# How a reviewer answers in the PDF; the first words of it are its heading.
REVIEW_PDF = (
    "Your review",
    "Enter your name, answer below each example what you can, save the file and send it back."
    " A field left empty is no answer.",
)

FIELDS_FILE = "fields.json"  # attached to each PDF: which number of a field is which example
FIELDS_FORMAT = "reportgen.fields"
ANSWERS_FORMAT = "reportgen.answers"
VERSION = 1  # of both formats


def asked_of(labelled: bool) -> tuple[Question, ...]:
    """Return the questions about an example with or without a label."""
    return QUESTIONS if labelled else (PREDICTION, SHADING, REMARK)


def field_name(key: str, number: str) -> str:
    """Return the name of a question's field in the PDF: ``label-0001``."""
    return f"{key}-{number}"


def reviewer_field(key: str) -> str:
    """Return the name of a field of the cover: ``reviewer-name``."""
    return f"reviewer-{key}"


def field_number(place: int) -> str:
    """Return the number of an example by its place in the PDF, from 1 on, through all volumes."""
    return f"{place:04}"


def tip(question: Question, id_: str) -> str:
    """Return what a field's tool tip says, and a screen reader: of which example it asks what."""
    return f"Example {id_}: {question.asked}"
