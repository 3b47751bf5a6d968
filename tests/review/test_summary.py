"""What a row of the summary says."""

from __future__ import annotations

from reportgen.publish.words.questions import LABEL
from reportgen.review.source import ReviewedRun
from reportgen.review.summary import _example, measured


def test_a_confidence_below_one_is_never_written_as_one(opened: ReviewedRun) -> None:
    opened.scores.confidence[0] = 0.9998
    assert _example(measured(opened, [], None), 0, LABEL).confidence == "> 0.999"
