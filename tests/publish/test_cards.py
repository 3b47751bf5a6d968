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
from reportgen.figures.scales import LEVELS, PLAIN, SIDE, Scale
from reportgen.publish.cards import BLANK, LONG, Card, CardMaker, Drawn, Named, largest, named_words
from reportgen.publish.names import safe_name
from reportgen.publish.pieces import head_levels, token_map
from reportgen.publish.words.cards import SUPPORT, WARNINGS
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


@pytest.mark.parametrize(
    ("label", "predicted", "probabilities", "label_share", "second"),
    [
        ("bad", 1, (0.05, 0.75, 0.2), "0.05", ("good", "0.20")),
        ("good", 1, (0.05, 0.75, 0.2), "0.20, runner-up", None),
        ("fair", 1, (0.05, 0.75, 0.2), "", ("good", "0.20")),
        (None, 1, (0.05, 0.75, 0.2), "", ("good", "0.20")),
        ("good", 0, (0.49, 0.49, 0.02), "0.02", ("fair", "0.49")),
        ("bad", 1, (0.0004, 0.9995, 0.0001), "< 0.001, runner-up", None),
    ],
)
def test_the_label_and_the_runner_up_have_their_probabilities(
    label: str | None,
    predicted: int,
    probabilities: tuple[float, float, float],
    label_share: str,
    second: tuple[str, str] | None,
) -> None:
    made = replace(row("x", "bad", probabilities, WORDS), label=label)
    card = MAKER.card(made, replace(RESULT, predicted=predicted))
    assert (card.label_share, card.second) == (label_share, second)


def test_of_two_classes_only_the_label_of_a_mistake_has_a_probability() -> None:
    maker = CardMaker(("no", "yes"))
    given = np.array([0.25, 0.75], np.float32)
    for label, share in (("no", "0.25"), ("yes", ""), (None, "")):
        made = replace(row("x", "bad", PROBABILITIES, WORDS), label=label, probabilities=given)
        card = maker.card(made, RESULT)
        assert (card.label_share, card.second) == (share, None)


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
    assert (card.gradients, card.flags) == ((), ())
    assert not card.drawn
    for part in ("fair", "0.75", "bad"):
        assert part in card.description
    assert card.counts.startswith("12 tokens, 3 ")


@pytest.mark.parametrize("drawn", [Drawn(text=("one",)), Drawn(heatmap=("one", "two"))])
def test_a_card_that_is_drawn_has_no_shaded_text(drawn: Drawn) -> None:
    made = weighted([0.5, 0.5], explanation=explanation(2, 0.1, [1, 0]))
    card = MAKER.card(made, RESULT, drawn)
    assert (card.pieces, card.gradients, card.drawn) == ((), (), drawn)


def test_a_card_of_which_nothing_is_drawn_has_its_text() -> None:
    assert MAKER.card(weighted([0.5, 0.5]), RESULT, Drawn()).pieces


def test_the_size_of_a_picture_follows_the_run_s_columns() -> None:
    maker = replace(MAKER, columns=layout.Columns(picture=4))
    card = maker.card(row("x", "bad", PROBABILITIES, WORDS), RESULT)
    assert (card.width, card.height) == layout.size(12, 4) != layout.size(12)


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
    levels = PLAIN.levels(made.attention).tolist()
    assert levels[1] == LEVELS - 1
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
    top = LEVELS - 1
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
    assert [p.level for p in card.gradients if p.token] == [LEVELS - 1, 16]


# The words with the largest weights


def test_the_most_attended_tokens_come_with_their_weights() -> None:
    made = weighted([0.1, 0.2, NAN, 0.2, 0.5])
    # Of equal ones the earlier first.
    wanted = [Named("most attended", (("w4", "0.500"), ("w1", "0.200"), ("w3", "0.200")))]
    assert list(named_words(made)) == wanted
    assert list(MAKER.card(made, RESULT).attended) == wanted
    alone = named_words(weighted([NAN, 1.0, 0.0]))
    assert list(alone) == [Named("most attended", (("w1", "1.000"),))]
    assert not list(named_words(weighted([])))
    assert MAKER.card(made, RESULT).alt == (
        "Attention heatmap: predicted fair with confidence 0.75, label bad;"
        " most attended: w4, w1, w3"
    )


def test_the_places_of_the_largest_numbers_above_zero() -> None:
    sizes = np.array([0.1, 0.0, 0.2, -0.4, 0.2, 0.5])
    assert largest(sizes).tolist() == [5, 2, 4]
    assert largest(sizes, 1).tolist() == [5]
    assert largest(sizes, 9).tolist() == [5, 2, 4, 0]


@pytest.mark.parametrize("length", [39, 40, 41, 300])
def test_a_very_long_word_is_cut_where_it_is_named(length: int) -> None:
    word = "".join(chr(97 + i % 26) for i in range(length))
    (found,) = named_words(row("x", "bad", PROBABILITIES, [word]))
    ((named, _),) = found.words
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
    warnings = {support for support, flag in SUPPORT[False].items() if flag in WARNINGS}
    assert warnings == {Support.UNSUPPORTED}
    doubtful = replace(RESULT, label_error=True)
    assert set(flags_of(True, doubtful)) <= set(WARNINGS)


def test_the_card_that_a_script_clones_has_every_part_once() -> None:
    assert BLANK.long
    assert (len(BLANK.pieces), len(BLANK.gradients)) == (1, 1)
    assert (len(BLANK.attended), len(BLANK.extra), len(BLANK.flags)) == (1, 1, 1)
    assert not BLANK.outcome.unsure
    assert BLANK.confidence == BLANK.height == 0
    assert len(BLANK.attended[0].words) == 1


# Attributions, which have a sign

SIGNED = CardMaker(CLASSES, Scale(signed=True))


def test_attributions_are_shaded_on_both_sides_of_zero() -> None:
    made = weighted([0.1, -0.4, NAN, 0.0, 0.2, -0.001])
    tokens = [piece for piece in SIGNED.card(made, RESULT).pieces if piece.token]
    assert [piece.level for piece in tokens] == [4, -SIDE, 0, 0, 8, 0]
    assert [piece.weight is None for piece in tokens] == [False, False, True, False, False, False]
    assert tokens[1].weight == pytest.approx(-0.4)


def test_tokens_of_one_place_have_the_sum_of_their_attributions() -> None:
    spans = ((1, 3), (1, 3), (4, 6))
    tokens = [
        p
        for p in token_map(weighted([0.3, -0.1, -0.4], spans=spans), Scale(signed=True))
        if p.token
    ]
    assert [piece.weight for piece in tokens] == pytest.approx([0.2, -0.4])
    assert [piece.level for piece in tokens] == [8, -SIDE]


def test_a_card_names_what_raised_and_what_lowered_the_answer() -> None:
    made = weighted([0.1, -0.4, NAN, 0.0, 0.2, -0.00123, 0.3, 0.05, -0.2])
    card = SIGNED.card(made, RESULT)
    minus = "\N{MINUS SIGN}"
    assert list(card.attended) == [
        Named("raised the answer", (("w6", "+0.300"), ("w4", "+0.200"), ("w0", "+0.100"))),
        Named(
            "lowered the answer",
            (("w1", f"{minus}0.400"), ("w8", f"{minus}0.200"), ("w5", f"{minus}0.00123")),
        ),
    ]
    assert card.alt.startswith("Attribution heatmap: predicted fair")
    assert card.alt.endswith("; raised the answer: w6, w4, w0; lowered the answer: w1, w8, w5")


@pytest.mark.parametrize(
    ("weights", "titles"),
    [([0.1, 0.0], ["raised the answer"]), ([-1.0, NAN], ["lowered the answer"]), ([0.0], [])],
)
def test_a_side_without_a_word_is_not_named(weights: list[float], titles: list[str]) -> None:
    assert [named.title for named in named_words(weighted(weights), True)] == titles


def test_attributions_without_a_place_are_counted_with_their_sum() -> None:
    spans = ((1, 3), None, (4, 6), None)
    counts = SIGNED.card(weighted([0.5, -0.25, 0.1, 0.125], spans=spans), RESULT).counts
    assert counts.endswith("2 not located in the text (with \N{MINUS SIGN}0.125 in sum)")
    assert "attention" not in counts


# Attention heads


def test_each_head_is_shaded_on_its_own_scale_where_the_text_is() -> None:
    heads = np.array([[0.1, 0.5, NAN, 0.4], [0.7, 0.2, NAN, 0.1]], np.float32)
    made = weighted([0.4, 0.35, NAN, 0.25], heads=heads, spans=((1, 3), (4, 6), (7, 9), (7, 9)))
    card = MAKER.card(made, RESULT)
    assert len([p for p in card.pieces if p.token]) == 3
    top = LEVELS - 1
    # Of the second head the largest share is at the first word; NaN and 0.1 share a place.
    text, cells = [[0, top, 12], [top, 0, 0]], [[0, top, 0, 12], [top, 0, 0, 0]]
    assert [list(levels) for levels in head_levels(made)] == text
    assert [list(levels) for levels in card.heads] == [text[0] + cells[0], text[1] + cells[1]]
    assert MAKER.card(made, RESULT, ("band",)).heads == ()
    assert MAKER.card(weighted([1.0]), RESULT).heads == ()
