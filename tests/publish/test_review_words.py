"""The sentences of a review: true of every table, and of one reviewer as of many."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.raters import MISSING, Agreement, agreement
from reportgen.analysis.reviews import Answers, Reviewed, RunResults, measure_reviews
from reportgen.publish.words import raters, review
from reportgen.publish.words.questions import LABEL, QUESTIONS, REMARK, SHADING, Question

NA = MISSING
RIGHT, WRONG, AMBIGUOUS, CANNOT = range(4)


def reviewed(
    label: list[list[int]],
    gold: list[int],
    predicted: list[int],
    shading: list[list[int]] | None = None,
    classes: int = 2,
    doubted: tuple[int, ...] = (),
    support: Sequence[Support | None] = (),
) -> Reviewed:
    results = RunResults(
        np.array(gold),
        np.array(predicted),
        classes,
        np.isin(np.arange(len(gold)), doubted),
        support or [None] * len(gold),
    )
    shades = np.array(shading or [[NA] * len(label[0])] * len(label))
    return measure_reviews(
        results,
        Answers(np.array(label), len(LABEL.answers), review.WRONG, False),
        Answers(shades, len(SHADING.answers), review.SENSELESS, True),
        seed=1,
    )


NOTHING = reviewed([[NA, NA]], [0], [0])
ONE = reviewed([[WRONG], [RIGHT]], [0, 1], [1, 1])
TWO = reviewed([[WRONG, WRONG], [RIGHT, WRONG], [RIGHT, RIGHT]], [0, 1, 1], [1, 1, 1])
BARE = reviewed([[WRONG, WRONG], [RIGHT, RIGHT]], [-1, -1], [0, 1])
MIXED = reviewed([[WRONG, WRONG], [WRONG, WRONG], [RIGHT, NA]], [-1, 0, 0], [0, 1, 1])


@pytest.mark.parametrize(
    ("found", "numbers", "text"),
    [
        (NOTHING, (2, 1, 9), "2 reviewers on 1 of 9 examples"),
        (ONE, (1, 2, 2), "1 reviewer on 2 of 2 examples; one reviewer finds 1 label wrong"),
        (TWO, (2, 3, 4), "2 reviewers on 3 of 4 examples; the majority finds 1 label wrong"),
        (
            BARE,
            (2, 2, 2),
            "2 reviewers on 2 of 2 examples; the majority finds 1 predicted class wrong",
        ),
        (
            MIXED,
            (2, 3, 3),
            "2 reviewers on 3 of 3 examples; the majority finds 1 label and 1 predicted class"
            " wrong",
        ),
        (
            reviewed([[RIGHT, RIGHT]], [0], [0]),
            (2, 1, 1),
            "2 reviewers on 1 of 1 example; the majority finds no label wrong",
        ),
    ],
)
def test_the_headline_says_what_was_found(
    found: Reviewed, numbers: tuple[int, int, int], text: str
) -> None:
    assert review.headline(found, *numbers) == text


def test_the_lede_speaks_of_the_examples_that_were_answered() -> None:
    assert "say nothing of the others" in review.lede(3, every=False)
    assert "agreement" not in review.lede(3, every=False)
    assert review.lede(2, every=True) == "Every reviewer answered every example of the run."
    assert "One reviewer answered" in review.lede(1, every=True)


def test_labels_found_wrong() -> None:
    assert review.errors(BARE, 0) == "The run has no labels."
    assert review.errors(NOTHING, 1) == "No labelled example has an answer about its label."
    text = review.errors(TWO, 4)
    assert "3 labelled examples have two or more answers; 1 of these labels is wrong by" in text
    assert "In 1 example no answer has more than half" in text
    text = review.errors(ONE, 4)
    assert "2 labelled examples have an answer; 1 of these labels is wrong by the one who" in text
    assert "half" not in text
    assert review.rejected(TWO) is None
    assert "About 2 examples without a label" in str(review.rejected(BARE))
    assert "1 of the predicted classes is wrong" in str(review.rejected(MIXED))


REPORTED = (0.8, (0.7, 0.9))


def test_accuracy_is_corrected_on_the_examples_that_were_answered() -> None:
    assert review.accuracy(BARE, None, 2) == [
        "The run has no labels, so there is no accuracy to correct."
    ]
    assert review.accuracy(NOTHING, REPORTED, 2)[1:] == [
        "No labelled example has enough answers, so nothing is corrected."
    ]
    texts = [text.replace("\xa0", " ") for text in review.accuracy(TWO, REPORTED, 2)]
    assert texts == [
        "As reported, over 3 labelled examples of the run: 80.0 % (70.0 to 90.0 %, Wilson).",
        "On the 3 labelled examples that have two or more answers (all there are): 66.7 % by the"
        " labels as they are (2 of 3).",
        "With the 1 label corrected that more than half of those who answered find wrong: 100.0 %"
        " (3 of 3). There are two classes, so where one is wrong the other is taken as right.",
    ]
    assert "finds wrong" in review.accuracy(ONE, REPORTED, 2)[2]
    assert "not a random sample of them" in review.accuracy(MIXED, REPORTED, 2)[1]


def test_of_three_classes_the_corrected_accuracy_is_a_range() -> None:
    label = [[WRONG, WRONG], [WRONG, WRONG], [RIGHT, RIGHT]]
    text = review.accuracy(reviewed(label, [0, 0, 1], [1, 0, 1], classes=3), REPORTED, 3)[2]
    assert "33.3\xa0% to 66.7\xa0% (1 to 2 of 3)" in text
    assert "Reviewers do not say which class is right" in text
    text = review.accuracy(reviewed(label[1:], [0, 1], [0, 1], classes=3), REPORTED, 3)[2]
    assert "50.0\xa0% (1 of 2). Where a label is wrong that was predicted" in text
    assert "two classes" not in text


def test_nothing_is_corrected_where_no_label_is_wrong() -> None:
    right = reviewed([[RIGHT, AMBIGUOUS], [CANNOT, CANNOT]], [0, 1], [0, 0])
    assert review.accuracy(right, REPORTED, 2)[2] == (
        "None of these labels was found wrong, so nothing is corrected."
    )
    assert "none of these labels is wrong by" in review.errors(right, 2)


def test_the_list_as_reviewers_see_it() -> None:
    label = [[WRONG, WRONG], [RIGHT, RIGHT], [NA, NA], [WRONG, WRONG]]
    assert "lists no label" in review.second_look(TWO)
    nobody = reviewed(label, [0] * 4, [1] * 4, doubted=(2,))
    assert review.second_look(nobody).endswith("none of them has two or more answers.")
    text = review.second_look(reviewed(label, [0] * 4, [1] * 4, doubted=(0, 1, 2)))
    assert "The run lists 3 labels as worth a second look. 2 of them have two" in text
    assert (
        "1 of these is wrong by more than half of those who answered: a precision of 50.0" in text
    )
    assert "Of 1 label with two or more answers that is not on the list, 1 is wrong" in text


def test_the_shading_beside_the_removal_test() -> None:
    assert review.shading(TWO, "word") == ["No example has an answer about its shading."]
    shading = [[2, 2], [0, 0], [1, 1]]
    support = (None, Support.SUPPORTED, Support.UNTESTABLE)
    found = reviewed([[RIGHT, RIGHT]] * 3, [0] * 3, [0] * 3, shading, support=support)
    text = review.shading(found, "word")[0]
    assert text.startswith("3 examples have two or more answers about their shading; in 1 of them")
    assert text.endswith("Of these examples, the shaded words were not tested in 1 (removal test).")
    found = reviewed([[RIGHT, RIGHT]], [0], [0], [[0, 0]], support=[Support.SUPPORTED])
    assert "in none of them it makes no sense" in review.shading(found, "word")[0]
    assert "removal test" not in review.shading(found, "word")[0]


def test_what_is_shaded_is_called_what_it_is() -> None:
    given = [[RIGHT, RIGHT]] * 2, [0] * 2, [0] * 2, [[2, 2], [0, 0]]
    found = reviewed(*given, support=(None, Support.SUPPORTED))
    told = " ".join(review.shading(found, "character")) + review.shading_title(found, "character")
    told += review.shaded("character") + review.tests(Support.SUPPORTED, "character")
    assert "word" not in told
    assert "the shaded characters were not tested in 1" in told
    assert "matter more than random characters" in told
    assert review.shading_title(found, "word") == "Shading, and what removing words showed"


def test_where_no_words_were_removed_nothing_is_said_of_that() -> None:
    found = reviewed([[RIGHT, RIGHT]] * 2, [0] * 2, [0] * 2, [[2, 2], [0, 0]])
    assert review.shading_title(found, "word") == "Shading"
    (text,) = review.shading(found, "word")
    assert text.endswith("in 1 of them it makes no sense by more than half of those who answered.")


def test_votes_name_the_most_frequent_answer_first() -> None:
    assert review.votes([1, 2, 0, 0], LABEL.answers) == "2 wrong, 1 right"
    assert review.votes([0] * 4, LABEL.answers) == "–"


def measured(ratings: list[list[int]], kinds: int = 3) -> Agreement:
    return agreement(np.array(ratings), kinds, ordered=True, seed=1)


SOME = [[i % 3, (i * 7 // 4) % 3] for i in range(40)]


@pytest.mark.parametrize(
    ("ratings", "reason", "value"),
    [
        ([[NA, NA]], "nobody answered", "–"),
        ([[1, NA], [0, NA]], "one reviewer answered", "–"),
        ([[1, NA], [NA, 0]], "no example was answered by two reviewers", "–"),
        ([[1, 1]] * 40, "only one answer occurs", "–"),
        (
            [[1, 1]] * 9,
            "only one answer occurs, so that chance alone would agree: no coefficient;"
            " fewer than 20 examples: no intervals",
            "–",
        ),
        (SOME[:12], "fewer than 20 examples: no intervals, and no conclusion", "0."),
        (SOME[:25], "fewer than 30 examples: no conclusion", "0."),
        ([[i % 3, i % 3] for i in range(40)], "all agree, so nothing is known", "1.00"),
        (SOME, None, "0."),
    ],
)
def test_what_is_not_given_has_a_reason(
    ratings: list[list[int]], reason: str | None, value: str
) -> None:
    row = raters.agreement_row(SHADING, measured(ratings))
    assert (row.reason or "").startswith(reason or "")
    assert bool(row.reason) == bool(reason)
    assert row.value.lstrip("−").startswith(value)
    shown, note = raters.agreement_fact(SHADING, measured(ratings))
    assert (row.reason or "") in note
    assert shown in {row.value, "not measured", "undefined"}
    given = "interval" in note and "no interval" not in note
    assert given == (row.interval != "–")
    if "no intervals" in note:  # a row says that there is none only where there is none
        assert (row.share_interval, row.interval) == ("–", "–")


def test_the_measure_is_named_with_its_weights() -> None:
    two, three = measured(SOME), measured([[*row, row[0]] for row in SOME])
    for found, name in ((two, "Cohen's kappa"), (three, "Krippendorff's alpha")):
        assert raters.agreement_row(LABEL, found).coefficient == name
        assert raters.agreement_row(SHADING, found).coefficient.startswith(f"{name}, ")
    less = raters.agreement_row(LABEL, measured([[0, 1], [1, 0]] * 20))
    assert less.value == "−1.00"
    assert not math.isnan(measured(SOME).value)


def counts(*given: int) -> dict[Question, int]:
    return dict(zip(QUESTIONS, given, strict=True))


def test_the_key_figures() -> None:
    label = [[WRONG, WRONG], [WRONG, WRONG], [RIGHT, RIGHT]]
    found = reviewed(label, [0, 0, 1], [1, 0, 1], classes=3, doubted=(0, 2))
    facts = {f.name: f for f in review.facts(found, REPORTED, counts(6, 0, 1), 3, 9)}
    assert facts["Examples answered"].value == "3 of 9"
    assert facts["Examples answered"].note == "answers: label 6, shading 0, remark 1"
    assert facts["Agreement on the shading"].value == "not measured"
    corrected = facts["Accuracy on those answered, corrected"]
    assert corrected.value == "33.3\xa0% to 66.7\xa0%"
    assert corrected.note.startswith("66.7\xa0% by the labels as they are; on 3 of 3 labelled")
    assert facts["Precision of the second look"].value == "50.0\xa0%"
    assert "interval" not in corrected.note  # of a range there is none
    assert "random" not in corrected.note  # they are all that have a label
    assert corrected.note.endswith("fewer than 30 examples: no conclusion")
    precision = facts["Precision of the second look"].note
    for part in ("1 of 2 with two or more answers is wrong", "no conclusion", "flagged", "Wilson"):
        assert part in precision
    found = reviewed([*label, [NA, NA]], [0, 0, 1, 1], [1, 0, 1, 1])
    fact = next(
        f for f in review.facts(found, REPORTED, counts(6, 0, 1), 3, 9) if "corrected" in f.name
    )
    assert "95 % interval 20.8 to 93.9\xa0% (Wilson); not a random sample" in fact.note
    many = reviewed([[RIGHT, RIGHT]] * 30, [0] * 30, [0] * 30, doubted=tuple(range(30)))
    notes = [f.note for f in review.facts(many, REPORTED, counts(60, 0, 0), 30, 30)]
    assert not any("fewer than 30" in note for note in notes[3:])
    assert "none of these labels is wrong" in review.errors(many, 30)
    assert "none of these is wrong" in review.second_look(many)
    assert "may have swayed them" in review.second_look(many)
    bare = [f.name for f in review.facts(BARE, None, counts(4, 0, 0), 2, 2)]
    assert bare == ["Examples answered", "Agreement on the label", "Agreement on the shading"]
    unshaded = list(review.facts(BARE, None, {LABEL: 4, REMARK: 1}, 2, 2))
    assert [f.name for f in unshaded] == bare[:2]
    assert unshaded[0].note == "answers: label 4, remark 1"
