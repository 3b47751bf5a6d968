"""What reviewers are asked of each example, and how their answers are named in PDF and JSON.

The fields of the PDF, the forms of the page and whoever reads answers back take it from here.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ANSWERS_FORMAT",
    "ANSWER_KEYS",
    "CHOOSE",
    "FIELDS_FILE",
    "FIELDS_FORMAT",
    "KEYS",
    "LABEL",
    "PAGE",
    "PREDICTION",
    "QUESTIONS",
    "REMARK",
    "REVIEW",
    "REVIEWER",
    "REVIEW_PAGE",
    "REVIEW_PDF",
    "SHADING",
    "VERSION",
    "Question",
    "asked_of",
    "asks",
    "field_name",
    "field_number",
    "instructions",
    "keys",
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

REVIEW = "Your review"  # the heading of what says how to answer
# The last of the instructions: how the answers come back.
REVIEW_PDF = ("Sending it back", "Enter your name, save the file and send it back.")
REVIEW_PAGE = (
    "Sending it back",
    "Enter your name, save your answers with “Export answers” and send that file back.",
)
# What the page says of answers, by the names that its script knows.
PAGE = {
    "kept": "Answers are kept in this browser, in a private window only until it is closed.",
    "unkept": "This browser keeps no answers of this page: export them before you close it.",
    "full": "The browser has no room for more answers: export them before you close the page.",
    "nothing": "There are no answers to export yet.",
    "unnamed": "Enter your name first, so that your answers can be told from those of others.",
    "exported": "The answers to {examples} are in the file that was saved.",
    "imported": "The file has answers to {examples}, which are shown below.",
    "foreign": "{file} holds no answers that were exported from such a page.",
    "other": "{file} holds answers to another run, {run}, so nothing was imported.",
}
# The keys of the page's answers, in their order, and what the list of keys says of them.
ANSWER_KEYS = {"label": "1234", "shading": "ypn"}
SHADING_KEYS = "y p n"
KEYS = (
    ("1 2 3 4", f"label {', '.join(LABEL.answers)}; once more takes it back"),
    (SHADING_KEYS, f"shading makes sense: {', '.join(SHADING.answers)}"),
    ("r", "write a remark (Esc: leave it)"),
    ("u", "next example not answered"),
)

FIELDS_FILE = "fields.json"  # attached to each PDF: which number of a field is which example
FIELDS_FORMAT = "reportgen.fields"
ANSWERS_FORMAT = "reportgen.answers"
VERSION = 1  # of both formats


def asked_of(labelled: bool, weighted: bool = True) -> tuple[Question, ...]:
    """Return the questions about an example with or without a label, or without a shaded text."""
    return (LABEL if labelled else PREDICTION, *[SHADING] * weighted, REMARK)


def keys(weighted: bool) -> tuple[tuple[str, str], ...]:
    """Return what the list of keys says of those that are asked."""
    return tuple(row for row in KEYS if weighted or row[0] != SHADING_KEYS)


def instructions(
    labelled: bool, unlabelled: bool, sending: tuple[str, str], weighted: bool = True
) -> tuple[tuple[str, str], ...]:
    """Return what a reviewer is told before the first example, each with the words it begins with.

    ``labelled`` and ``unlabelled`` say whether the run has examples with a label and without one;
    ``sending`` is how the answers come back. Without weights no text is shaded.
    """
    shading = (
        SHADING.asked,
        "Say whether what is shaded looks like a reason for the predicted class.",
    )
    asked = LABEL.asked if labelled else PREDICTION.asked
    judged = (
        "Judge the label in the data, not the prediction."
        if labelled
        else "The examples have no label, so judge the prediction."
    )
    if labelled and unlabelled:
        judged += f" An example without a label asks instead: “{PREDICTION.asked}”"
    kind = "label" if labelled else "class"
    return (
        (
            asked,
            f"{judged} “Ambiguous”: the text allows more than one {kind}. “Cannot tell”: you cannot"
            " decide, for instance because it takes knowledge that you lack.",
        ),
        *[shading] * weighted,
        (
            "Answer what you can",
            "Any part may be answered without the others; what is left open counts as no answer.",
        ),
        (
            "Read the text first",
            "The prediction, its confidence and remarks about the example are shown with the"
            " questions and may sway you.",
        ),
        sending,
    )


def asks(labelled: bool) -> tuple[str, str]:
    """Return what a reader of a PDF without fields is asked to do: the heading, and the text."""
    asked, first = (
        (LABEL, "most confident mistakes") if labelled else (PREDICTION, "first examples")
    )
    return (
        "What you are asked to do",
        f"Begin with the {first}. Of each example ask: {_inside(asked)} {_inside(SHADING)} Examples"
        " are numbered, so that a remark can name one. The attached table examples.csv has each"
        " with its text, its probabilities, and an empty column for remarks.",
    )


def _inside(question: Question) -> str:
    return f"“{question.asked}”"


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
