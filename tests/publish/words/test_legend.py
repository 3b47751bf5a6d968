"""How a card is read: the paragraph above the gallery, and sign by sign on the PDF's cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from reportgen.figures.scales import Scale
from reportgen.publish.report import Report
from reportgen.publish.words.legend import legend, reading_help, shadings
from reportgen.publish.words.weights import ATTRIBUTIONS
from reportgen.records import Weights
from tests.publish.small import opened


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with opened(tmp_path_factory.mktemp("legend")) as opened_report:
        yield opened_report


def kinds(report: Report, unknown: bool) -> list[str]:
    return [sign.kind for sign in legend(report.findings, unknown)]


def test_out_of_vocabulary_words_are_explained_where_they_are_known() -> None:
    without, with_ = reading_help(False), reading_help(True)
    assert with_.startswith(without)
    assert "underline" in with_[len(without) :]
    assert "underline" not in without


def test_each_sign_of_a_card_is_explained_once(report: Report) -> None:
    assert kinds(report, False) == ["marks", "confidence", "shades", "words"]
    assert kinds(report, True) == ["marks", "confidence", "shades", "unknown", "words"]
    texts = [sign.text for sign in legend(report.findings, True)]
    assert " ".join(texts[2:4]) == reading_help(True)


def test_the_end_of_the_scale_is_stated() -> None:
    shared, own = reading_help(False, scale=Scale(6.0)), reading_help(False)
    assert "stands for 6 even shares or more" in shared
    assert "the same in every example" in shared
    assert "in each example the strongest shade is its largest weight" in own
    signed = reading_help(False, ATTRIBUTIONS, Scale(0.4, signed=True))
    assert "stands for +0.4 or \N{MINUS SIGN}0.4 and beyond" in signed


def test_a_page_offers_both_scales_its_own_first() -> None:
    shared, own = Scale(6.0), Scale()
    both = "all texts up to 6 even shares", "each text up to its largest weight"
    assert shadings(shared, shared) == [("", both[0]), ("text", both[1])]
    assert shadings(own, shared) == [("", both[1]), ("run", both[0])]
    assert shadings(Scale(0.4, True), Scale(0.4, True))[0] == (
        "",
        "all texts up to 0.4",
    )


def test_marks_are_explained_as_far_as_there_are_labels(report: Report) -> None:
    def marks(**findings: object) -> str:
        return next(legend(replace(report.findings, **findings), False)).text  # type: ignore[arg-type]

    some = replace(report.findings.performance, unlabelled=1)  # type: ignore[type-var]
    assert "Right: " in marks()
    assert "Unlabelled: " not in marks()
    assert "Right: " in marks(performance=some)
    assert "Unlabelled: " in marks(performance=some)
    assert "Right: " not in marks(performance=None)
    assert "differ by less than 0.3" in marks(unsure_margin=0.3)


def test_signed_weights_raise_and_lower(report: Report) -> None:
    findings = replace(report.findings, weights=Weights("attribution", "SHAP values"))
    texts = {sign.kind: sign.text for sign in legend(findings, False)}
    assert "raised" in texts["words"]
    assert "lowered" in texts["shades"]
    assert "attention" not in " ".join(texts.values()).lower()
