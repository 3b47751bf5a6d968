"""Put a review into words: all that its template shows, and the rows of reviews.csv."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.analysis.raters import MISSING, Ratings
from reportgen.analysis.reviews import Answers, Opinion, Reviewed, measure_reviews
from reportgen.publish.words import review as words
from reportgen.publish.words.numbers import decimal
from reportgen.publish.words.opening import Fact
from reportgen.publish.words.questions import (
    LABEL,
    PREDICTION,
    QUESTIONS,
    REMARK,
    SHADING,
    Question,
)
from reportgen.publish.words.raters import (
    AgreementRow,
    agreement_note,
    agreement_row,
    is_ordered,
)
from reportgen.review.reading import Reviewer
from reportgen.review.source import ReviewedRun

__all__ = ["Review", "ReviewSummary", "csv_rows", "measured", "opinions", "summarize"]

EXCERPT = 280  # characters of a text that a remark is about


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """What reviewers answered about a run, and what that shows.

    ``answered`` are the examples (indices) with any answer, in the order of the summary; ``link``
    leads from the review's folder to the run's, None where no relative address does.
    """

    run: ReviewedRun
    reviewers: Sequence[Reviewer]
    found: Reviewed
    answered: Sequence[int]
    ratings: Mapping[str, Ratings]
    link: str | None

    @property
    def remarks(self) -> list[int]:
        """The examples with a remark, in the order of the summary."""
        ids, key = self.run.predictions.ids, REMARK.key
        return [
            i
            for i in self.answered
            if any(key in r.answers.get(ids[i], ()) for r in self.reviewers)
        ]

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions; without weights no text is shaded, and nothing is asked of that."""
        weighted = self.run.predictions.weighted
        return tuple(question for question in QUESTIONS if weighted or question != SHADING)

    @property
    def counts(self) -> dict[Question, int]:
        """How many answers each question has."""
        return {asked: sum(r.given(asked.key) for r in self.reviewers) for asked in self.asked}


@dataclass(frozen=True, slots=True)
class ReviewerRow:
    """A reviewer's row: who, when, in which files, how many examples and answers."""

    name: str
    dates: str
    files: str
    offered: str
    answered: int
    given: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """An example in a table or over its remarks; ``link`` is None where no page shows it."""

    id: str
    link: str | None
    label: str | None
    predicted: str
    confidence: str
    votes: str
    test: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one reviewer answered about an example, in a few words, and the remark in full."""

    name: str
    answers: str
    remark: str


@dataclass(frozen=True, slots=True)
class Remarked:
    """An example, the beginning of its text, and what was said of it."""

    example: ExampleRow
    text: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """All that the template of a review shows."""

    experiment: str
    split: str
    date: str
    timestamp: str
    run_hash: str
    run_id: str
    run_page: str | None
    headline: str
    lede: str
    facts: tuple[Fact, ...]
    reviewers: tuple[ReviewerRow, ...]
    reviewers_note: str | None
    questions: tuple[str, ...]
    agreement: tuple[AgreementRow, ...]
    agreement_note: str
    tallies: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]
    wrong: tuple[ExampleRow, ...]
    accuracy: tuple[str, ...]
    second_look: str
    shading_title: str
    shaded: str
    shading: tuple[str, ...]
    shading_heads: tuple[str, ...]
    by_test: tuple[tuple[str, tuple[int, ...]], ...]
    senseless: tuple[ExampleRow, ...]
    remarks_note: str
    remarks: tuple[Remarked, ...]
    version: str


def measured(run: ReviewedRun, reviewers: Sequence[Reviewer], link: str | None) -> Review:
    """Measure what the reviewers answered."""
    place = {id_: i for i, id_ in enumerate(run.predictions.ids)}
    ratings = {question.key: _ratings(question, reviewers, place) for question in (LABEL, SHADING)}
    label, shading = (
        Answers(ratings[question.key], len(question.answers), bad, is_ordered(question))
        for question, bad in ((LABEL, words.WRONG), (SHADING, words.SENSELESS))
    )
    answered = {place[id_] for reviewer in reviewers for id_ in reviewer.answers}
    found = measure_reviews(run.results, label, shading, run.seed)
    return Review(run, reviewers, found, run.order(list(answered)), ratings, link)


def _ratings(
    question: Question, reviewers: Sequence[Reviewer], place: Mapping[str, int]
) -> Ratings:
    ratings = np.full((len(place), len(reviewers)), MISSING, dtype=np.int64)
    for column, reviewer in enumerate(reviewers):
        for id_, given in reviewer.answers.items():
            if question.key in given:
                ratings[place[id_], column] = question.answers.index(given[question.key])
    return ratings


def csv_rows(review: Review) -> Iterator[dict[str, Any]]:
    """Yield one row per reviewer and example with any answer, example by example."""
    run = review.run
    for i in review.answered:
        id_, name = run.predictions.ids[i], run.predictions.info.classes
        for reviewer in review.reviewers:
            if id_ in reviewer.answers:
                given = reviewer.answers[id_]
                yield {
                    "id": id_,
                    "label": name[run.results.gold[i]] if run.results.gold[i] >= 0 else "",
                    "predicted": name[run.results.predicted[i]],
                    "confidence": f"{run.scores.confidence[i]:.6f}",
                    "reviewer": reviewer.name,
                    "date": ", ".join(reviewer.dates),
                    **{
                        f"answer.{question.key}": given.get(question.key, "")
                        for question in QUESTIONS
                    },
                    "card": run.cards[i],
                }


def summarize(review: Review, texts: Sequence[str], time: datetime, version: str) -> ReviewSummary:
    """Put the review into words; ``texts`` are those of the examples with a remark."""
    run, found = review.run, review.found
    info, total = run.predictions.info, len(run.predictions)
    questions = list(opinions(review).items())
    shaded = SHADING in review.asked
    labelled = int((run.results.gold >= 0).sum())
    wrong = run.order([*found.errors, *found.rejected])
    rejected = words.rejected(found)
    kinds = len(SHADING.answers) + (found.shading.split > 0)
    said = [_remarked(review, i, text) for i, text in zip(review.remarks, texts, strict=True)]
    return ReviewSummary(
        experiment=run.experiment,
        split=info.data.split,
        date=f"{time.day} {time:%B %Y}",
        timestamp=f"{time:%Y-%m-%dT%H:%M:%SZ}",
        run_hash=run.hash,
        run_id=run.folder.name,
        run_page=review.link and f"{review.link}/index.html",
        headline=words.headline(found, len(review.reviewers), len(review.answered), total),
        lede=words.lede(
            len(review.reviewers), all(len(r.answers) == total for r in review.reviewers)
        ),
        facts=tuple(words.facts(found, run.accuracy, review.counts, len(review.answered), total)),
        reviewers=tuple(_reviewer(reviewer, review.asked) for reviewer in review.reviewers),
        reviewers_note=_offered_note(review.reviewers),
        questions=tuple(question.short for question in review.asked),
        agreement=tuple(
            agreement_row(question, opinion.agreement) for question, opinion in questions
        ),
        agreement_note=agreement_note(run.seed, shaded),
        tallies=tuple(
            (question.asked, words.votes(opinion.counts, question.answers))
            for question, opinion in questions
        ),
        errors=(words.errors(found, labelled), *([rejected] if rejected else [])),
        wrong=tuple(_example(review, i, LABEL) for i in wrong),
        accuracy=tuple(words.accuracy(found, run.accuracy, len(info.classes))),
        second_look=words.second_look(found),
        shading_title=words.shading_title(found, run.unit),
        shaded=words.shaded(run.unit),
        shading=tuple(words.shading(found, run.unit)) if shaded else (),
        shading_heads=(*SHADING.answers, words.SPLIT)[:kinds],
        by_test=tuple(
            (words.tests(result, run.unit), counts[:kinds])
            for result, counts in found.by_test.items()
            if words.is_tested(found)
        ),
        senseless=tuple(_example(review, i, SHADING) for i in run.order(list(found.shading.bad))),
        remarks_note=words.remarks(sum(len(one.said) for one in said), len(said)),
        remarks=tuple(said),
        version=version,
    )


def _offered_note(reviewers: Sequence[Reviewer]) -> str | None:
    return words.OFFERED if any(reviewer.offered is None for reviewer in reviewers) else None


def _reviewer(reviewer: Reviewer, asked: Sequence[Question]) -> ReviewerRow:
    return ReviewerRow(
        name=reviewer.name,
        dates=", ".join(reviewer.dates) or "–",
        files=", ".join(Path(file).name for file in reviewer.files),
        offered="–" if reviewer.offered is None else f"{reviewer.offered:,}",
        answered=len(reviewer.answers),
        given=tuple(reviewer.given(question.key) for question in asked),
    )


def _example(review: Review, i: int, question: Question) -> ExampleRow:
    run, classes = review.run, review.run.predictions.info.classes
    ratings = review.ratings[question.key][i]
    counts = [int((ratings == kind).sum()) for kind in range(len(question.answers))]
    gold, card = run.results.gold[i], run.cards[i]
    return ExampleRow(
        id=run.predictions.ids[i],
        link=f"{review.link}/{card}" if review.link and card else None,
        label=classes[gold] if gold >= 0 else None,
        predicted=classes[run.results.predicted[i]],
        confidence=decimal(run.scores.confidence[i]),
        votes=words.votes(counts, question.answers),
        test=words.tests(run.results.support[i], run.unit),
    )


def _remarked(review: Review, i: int, text: str) -> Remarked:
    id_, labelled = review.run.predictions.ids[i], review.run.results.gold[i] >= 0
    asked = LABEL if labelled else PREDICTION
    said = []
    for reviewer in review.reviewers:
        given = reviewer.answers.get(id_, {})
        if REMARK.key in given:
            answers = [
                f"{name.lower()}: {given[key]}"
                for name, key in ((asked.short, asked.key), (SHADING.short, SHADING.key))
                if key in given
            ]
            said.append(Said(reviewer.name, ", ".join(answers), given[REMARK.key]))
    cut = text if len(text) <= EXCERPT else text[: EXCERPT - 1].rstrip() + "…"
    return Remarked(_example(review, i, LABEL), cut, tuple(said))


def opinions(review: Review) -> dict[Question, Opinion]:
    """Return what reviewers answered to each question that was asked and has answers to choose."""
    both = {LABEL: review.found.label, SHADING: review.found.shading}
    return {question: both[question] for question in review.asked if question in both}
