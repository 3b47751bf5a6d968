"""What a card shows of its example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.findings import ExampleResult
from reportgen.analysis.ordering import Outcome
from reportgen.figures import layout
from reportgen.publish.cards import BLANK, LONG, Card, CardMaker, most_attended, token_map
from reportgen.publish.names import safe_name
from reportgen.publish.words.cards import ATTENTION, WARNINGS
from reportgen.publish.words.cards import flags as flags_of
from reportgen.records import Prediction
from tests.publish.small import CLASSES, ROWS, WORDS, explanation, numbers, row

NAN = float("nan")
RESULT = ExampleResult(1, 0.75, 0.5, Outcome.CONFIDENTLY_WRONG, False, None)
MAKER = CardMaker(CLASSES)
PROBABILITIES = (0.05, 0.75, 0.2)


def weighted(weights: Sequence[float], **more: object) -> Prediction:
    attention = np.array(weights, np.float32)
    words = [f"w{i}" for i in range(len(weights))]
    return row("x", "bad", PROBABILITIES, words, **{"attention": attention, **more})


def test_a_card_by_hand() -> None:
    extra = {"year": "1999", "author": "b"}
    card = MAKER.card(row("An id", "bad", PROBABILITIES, WORDS, extra=extra), RESULT)
    assert (card.id, card.name) == ("An id", safe_name("An id"))
    assert (card.outcome, card.label, card.predicted) == (
        Outcome.CONFIDENTLY_WRONG,
        "bad",
        "fair",
    )
    assert (card.confidence, card.tokens) == (0.75, 12)
    assert card.heatmap == f"heatmaps/{card.name}.png"
    assert (card.width, card.height) == layout.size(12)
    assert card.extra == (("author", "b"), ("year", "1999"))
    assert (card.gradients, card.bands, card.flags) == ((), (), ())
    for part in ("fair", "0.75", "bad"):
        assert part in card.description
    assert card.counts.startswith("12 tokens, 3 ")


def test_a_card_with_bands_has_no_shaded_text() -> None:
    made = weighted([0.5, 0.5], explanation=explanation(2, 0.1, [1, 0]))
    card = MAKER.card(made, RESULT, ("one", "two"))
    assert (card.pieces, card.gradients, card.bands) == ((), (), ("one", "two"))


def test_cards_belong_to_their_predictions() -> None:
    results = [replace(RESULT, predicted=k, confidence=k / 4) for k in (2, 0)]
    first, second = MAKER.cards(ROWS[:2], results)
    assert (first.id, first.predicted, first.confidence) == ("r0", "good", 0.5)
    assert (second.id, second.predicted, second.confidence) == ("r1", "bad", 0.0)
    with pytest.raises(ValueError, match="zip"):
        MAKER.cards(ROWS[:2], results[:1])


@pytest.mark.parametrize(("tokens", "long"), [(LONG - 1, False), (LONG, False), (LONG + 1, True)])
def test_a_long_card_is_folded(tokens: int, long: bool) -> None:
    assert replace(BLANK, tokens=tokens).long is long


def test_pieces_are_the_text_with_each_token_and_its_weight() -> None:
    made = weighted([0.1, 0.7, NAN, 0.2], unknown=np.array([True, False, False, True]))
    pieces = list(token_map(made))
    assert [piece.text for piece in pieces] == ["<", "w0", " ", "w1", " ", "w2", " ", "w3", ">"]
    assert [piece.token for piece in pieces] == [False, True] * 4 + [False]
    tokens = pieces[1::2]
    levels = layout.shade_levels(made.attention).tolist()
    assert levels[1] == layout.LEVELS - 1
    assert [piece.level for piece in tokens] == levels
    assert [piece.unknown for piece in tokens] == [True, False, False, True]
    weights = [piece.weight for piece in tokens]
    assert weights == [pytest.approx(0.1), pytest.approx(0.7), None, pytest.approx(0.2)]
    for between in pieces[::2]:
        assert (between.level, between.weight, between.unknown) == (0, None, False)


def test_neighbours_without_anything_between_and_a_text_that_ends_with_a_token() -> None:
    made = replace(weighted([0.4, 0.6]), text="so-so", tokens=("so", "-so"), spans=((0, 2), (2, 5)))
    assert [(p.text, p.token) for p in token_map(made)] == [("so", True), ("-so", True)]


def test_without_the_column_no_word_is_unknown() -> None:
    assert not any(piece.unknown for piece in token_map(weighted([0.4, 0.6], unknown=None)))


# The text shaded by integrated gradients


def gradients(values: Sequence[float]) -> Card:
    n = len(values)
    made = weighted([1 / n] * n, explanation=explanation(n, 0.1, values))
    return MAKER.card(made, RESULT)


def test_gradients_shade_the_tokens_that_raised_the_prediction() -> None:
    card = gradients([-1.0, 0.5, 0.0, 2.0, 0.25, NAN, 1.0])
    tokens = [piece for piece in card.gradients if piece.token]
    top = layout.LEVELS - 1
    assert [piece.text for piece in tokens] == [f"w{i}" for i in range(7)]
    assert [piece.level for piece in tokens] == [0, 8, 0, top, 4, 0, 16]
    assert {piece.weight for piece in tokens} == {0.0}
    assert not any(piece.unknown for piece in tokens)
    assert "".join(p.text for p in card.gradients) == "".join(p.text for p in card.pieces)
    between = [piece for piece in card.gradients if not piece.token]
    assert between == [piece for piece in card.pieces if not piece.token]


@pytest.mark.parametrize("values", [[0.0, 0.0, 0.0], [-1.0, -0.5, NAN]])
def test_where_nothing_raised_the_prediction_nothing_is_shaded(values: list[float]) -> None:
    card = gradients(values)
    assert [piece.level for piece in card.gradients if piece.token] == [0, 0, 0]


def test_small_gradients_are_shaded_by_the_largest_of_the_text() -> None:
    card = gradients([1e-6, 5e-7])
    assert [p.level for p in card.gradients if p.token] == [layout.LEVELS - 1, 16]


# The words with the largest weights


def test_the_most_attended_tokens_come_with_their_weights() -> None:
    made = weighted([0.1, 0.2, NAN, 0.2, 0.5])
    found = most_attended(made)
    assert [word for word, _ in found] == ["w4", "w1", "w3"]  # of equal ones the earlier first
    assert [weight for _, weight in found] == pytest.approx([0.5, 0.2, 0.2])
    assert [word for word, _ in most_attended(made, 1)] == ["w4"]
    assert most_attended(weighted([NAN, 1.0, 0.0])) == (("w1", 1.0),)
    assert most_attended(weighted([])) == ()
    assert [word for word, _ in MAKER.card(made, RESULT).attended] == ["w4", "w1", "w3"]


@pytest.mark.parametrize("length", [39, 40, 41, 300])
def test_a_very_long_word_is_cut_where_it_is_named(length: int) -> None:
    word = "".join(chr(97 + i % 26) for i in range(length))
    ((named, _),) = most_attended(row("x", "bad", PROBABILITIES, [word]))
    assert named == (word if length <= 40 else word[:39] + "…")


def test_tokens_without_a_place_are_counted_with_their_attention() -> None:
    spans = ((1, 3), None, (4, 6), None)
    counts = MAKER.card(weighted([0.5, 0.25, 0.125, 0.125], spans=spans), RESULT).counts
    assert numbers(counts)[-2:] == [2, 37.5]
    unread = MAKER.card(weighted([0.5, NAN, 0.5, 0.0], spans=spans), RESULT).counts
    assert numbers(unread)[-2:] == [1, 2]
    assert "attention" in counts
    assert "attention" not in unread


# Flags


@pytest.mark.parametrize(
    ("result", "column", "words"),
    [
        (RESULT, None, []),
        (RESULT, False, []),
        (replace(RESULT, label_error=True), False, ["label"]),
        (RESULT, True, ["train"]),
        (replace(RESULT, support=Support.UNSUPPORTED), False, ["not shown to matter"]),
        (replace(RESULT, support=Support.SUPPORTED, label_error=True), True,
         ["label", "train", "words matter more"]),
    ],
)  # fmt: skip
def test_flags_say_what_a_reader_must_know(
    result: ExampleResult, column: bool | None, words: list[str]
) -> None:
    flags = MAKER.card(weighted([0.5, 0.5], in_train=column), result).flags
    assert len(flags) == len(words)
    for flag, word in zip(flags, words, strict=True):
        assert word in flag


def test_what_is_no_reason_to_doubt_is_no_warning() -> None:
    warnings = {support for support, flag in ATTENTION.items() if flag in WARNINGS}
    assert warnings == {Support.UNSUPPORTED}
    doubtful = replace(RESULT, label_error=True)
    assert set(flags_of(True, doubtful)) <= set(WARNINGS)


def test_the_card_that_a_script_clones_has_every_part_once() -> None:
    assert BLANK.long
    assert (len(BLANK.pieces), len(BLANK.gradients)) == (1, 1)
    assert (len(BLANK.attended), len(BLANK.extra), len(BLANK.flags)) == (1, 1, 1)
    assert not BLANK.outcome.unsure
    assert BLANK.confidence == BLANK.attended[0][1] == BLANK.height == 0
