"""What a page needs to ask reviewers about its examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reportgen.publish.report import Report
from reportgen.publish.words import questions as words

__all__ = ["STYLE", "Review", "review_of"]

STYLE = "answers.css"  # what is added to the styles of every gallery


@dataclass(frozen=True, slots=True)
class Review:
    """The questions about each example, and what the page's script knows of the run.

    ``data`` are the attributes of the page's section for reviewers, by their names;
    ``told`` are the instructions, each with the words it begins with.
    """

    data: Mapping[str, str]
    told: tuple[tuple[str, str], ...]
    title: str = words.REVIEW
    keys: tuple[tuple[str, str], ...] = words.KEYS
    reviewer: tuple[tuple[str, str], ...] = tuple(words.REVIEWER.items())
    questions: tuple[words.Question, ...] = words.QUESTIONS
    unlabelled: words.Question = words.PREDICTION

    def choices(self, question: words.Question) -> Iterator[tuple[str, str]]:
        """Yield the answers to choose from, each with its key."""
        return zip(question.answers, words.ANSWER_KEYS.get(question.key, ""), strict=True)


def review_of(report: Report) -> Review | None:
    """Return what the pages of a report ask; None where it asks nothing."""
    if not report.options.review:
        return None
    weighted = report.cards.weighted
    return Review(
        {
            "run": report.run.hash,
            "experiment": report.run.experiment,
            "split": report.info.data.split or "",
            "total": str(len(report.indices)),
            "format": words.ANSWERS_FORMAT,
            "version": str(words.VERSION),
            **words.PAGE,
        },
        words.instructions(report.labelled, report.unlabelled > 0, words.REVIEW_PAGE, weighted),
        keys=words.keys(weighted),
        questions=words.asked_of(True, weighted),
    )
