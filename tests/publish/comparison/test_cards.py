"""The cards of a comparison: what became of an example, and what each run makes of its text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reportgen.publish.cards import Drawn
from reportgen.publish.comparison.cards import Flip, blank
from tests.publish.comparison.compared import ATTRIBUTIONS, INFO, opened, runs


@pytest.fixture
def cards(tmp_path: Path) -> dict[str, Flip]:
    with opened(tmp_path) as gallery:
        return {card.id: card for card in gallery.flips(gallery.places).cards()}


def test_a_card_says_what_became_of_its_example(cards: dict[str, Flip]) -> None:
    told = {id_: (c.mark, c.verdict, c.change, c.label) for id_, c in cards.items()}
    assert told == {
        "broken-sure": ("✕", "Broken", "broken", "good"),
        "broken": ("✕", "Broken", "broken", "bad"),
        "fixed": ("✓", "Fixed", "fixed", "fair"),
        "Changed": ("✕", "Changed, still wrong", "changed", "good"),
        "bare": ("?", "Other answers", "differ", None),
    }
    assert cards["Changed"].name.startswith("changed--")
    assert cards["fixed"].description == "Fixed: A bad 0.70, B fair 0.50, label fair"
    assert cards["bare"].description.endswith("B good 0.55, no label")


def test_each_reading_is_the_card_of_its_own_report(cards: dict[str, Flip]) -> None:
    a, b = cards["broken"].readings
    assert (a.letter, a.card.predicted, a.card.confidence, a.mark) == ("A", "bad", 0.9, "✓")
    assert (b.letter, b.card.predicted, b.card.confidence, b.mark) == ("B", "fair", 0.6, "✕")
    assert (a.card.label_share, b.card.label_share) == ("", "0.20, runner-up")
    assert (a.card.second, b.card.second) == (("fair", "0.05"), None)
    weights = [[p.weight for p in r.card.pieces if p.token] for r in (a, b)]
    assert weights[0] == sorted(weights[0])
    assert weights[1] == weights[0][::-1]
    assert (a.card.heatmap, b.card.heatmap) == ("heatmaps/a/broken.png", "heatmaps/b/broken.png")


def test_without_a_label_nothing_is_right_or_wrong(cards: dict[str, Flip]) -> None:
    assert [(r.mark, r.card.label_share) for r in cards["bare"].readings] == [("?", "")] * 2


def test_further_columns_are_those_of_the_first_run_that_has_them(cards: dict[str, Flip]) -> None:
    assert cards["fixed"].extra == (("topic", "play <1>"),)
    without = replace(cards["fixed"].readings[0].card, extra=(("topic", ""),))
    first, second = cards["fixed"].readings
    card = replace(cards["fixed"], readings=(replace(first, card=without), second))
    assert card.extra == (("topic", "film <1>"),)


def test_a_card_is_as_long_as_its_longest_reading(cards: dict[str, Flip]) -> None:
    first, second = cards["fixed"].readings
    longer = replace(second, card=replace(second.card, tokens=500))
    card = replace(cards["fixed"], readings=(first, longer))
    assert (cards["fixed"].tokens, cards["fixed"].long) == (6, False)
    assert (card.tokens, card.long) == (500, True)


def test_a_page_keeps_a_card_together_whose_readings_are_all_short(cards: dict[str, Flip]) -> None:
    first, second = cards["fixed"].readings
    short, tall = Drawn(("x",), (), True), Drawn(("x",), (), False)
    for drawn in ((short, short), (short, tall), (tall, short)):
        pair = zip((first, second), drawn, strict=True)
        of = tuple(replace(r, card=replace(r.card, drawn=d)) for r, d in pair)
        assert replace(cards["fixed"], readings=of).whole is (drawn == (short, short))


def test_a_label_that_only_one_table_has_is_on_the_card_of_both(tmp_path: Path) -> None:
    first, second = runs()
    bare = [replace(p, label=None) for p in first]
    with opened(tmp_path, (bare, second)) as gallery:
        card = gallery.flips([gallery.found.ids.index("broken")]).cards()[0]
    assert [(r.card.label, r.mark) for r in card.readings] == [("bad", "✓"), ("bad", "✕")]


def test_runs_may_have_other_kinds_of_weights(tmp_path: Path) -> None:
    with opened(tmp_path, infos=(INFO, ATTRIBUTIONS)) as gallery:
        card = gallery.flips(gallery.places[:1]).cards()[0]
        empty = blank(gallery.found.letters, [run.maker for run in gallery.runs])
    assert [r.card.signed for r in card.readings] == [False, True]
    assert [r.card.signed for r in empty.readings] == [False, True]
    assert (card.signed, empty.signed) == (False, False)


def test_more_runs_have_more_readings(tmp_path: Path) -> None:
    first, second = runs()
    with opened(tmp_path, (first, second, first)) as gallery:
        cards = {c.id: c for c in gallery.flips(gallery.places).cards()}
    assert [r.letter for r in cards["fixed"].readings] == ["A", "B", "C"]
    assert cards["fixed"].verdict == "Only B right"
    assert cards["Changed"].verdict == "All wrong"
