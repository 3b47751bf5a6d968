"""The data files of a gallery: which number stands in which place of which column."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.ordering import Outcome
from reportgen.figures.scales import LEVELS, SIDE
from reportgen.publish.cards import BLANK, LONG, CardMaker, Named
from reportgen.publish.html.data import cards_data, heads_data, index_data, script, write_index
from reportgen.publish.html.data import heads as number_of_heads
from reportgen.publish.names import safe_name
from reportgen.publish.pieces import Piece
from reportgen.publish.report import Report
from tests.publish.small import (
    ATTRIBUTIONS,
    CLASSES,
    COLUMNS,
    ROWS,
    WORDS,
    opened,
    row,
    with_performance,
)

ORDER = [2, 5, 4, 8, 3, 6, 0, 1, 7]  # of the gallery: rows of the table


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with opened(tmp_path_factory.mktemp("data")) as opened_report:
        yield opened_report


def handed_over(text: str) -> tuple[str, Any]:
    """The name and the value of a data file, as a browser takes them."""
    before, after = "(self.reportgen??=[]).push(", ")\n"
    assert text.startswith(before)
    assert text.endswith(after)
    name, value = json.loads(text.removeprefix(before).removesuffix(after))
    return name, value


def test_a_script_hands_over_one_value_and_nothing_ends_it() -> None:
    value = {"a": ["</script>", "\u2028\u2029", "é"], "b": None}
    text = script("x", value)
    assert handed_over(text) == ("x", value)
    assert not set(text) & set("<\u2028\u2029")
    assert "é" in text
    assert " " not in script("x", {"a": [1, 2], "b": 3})


def test_the_columns_are_in_the_order_of_the_gallery(report: Report) -> None:
    found = index_data(report)
    rows = [ROWS[i] for i in ORDER]
    assert report.indices == ORDER
    assert found["id"] == [row.id for row in rows]
    assert found["label"] == [CLASSES.index(row.label) for row in rows]
    assert found["predicted"] == [0, 2, 2, 1, 1, 2, 2, 0, 0]
    assert found["outcome"] == [0, 0, 1, 1, 2, 3, 3, 3, 3]
    assert found["tokens"] == [len(row.tokens) for row in rows]
    assert found["unknown"] == [int(row.unknown.sum()) for row in rows if row.unknown is not None]
    assert found["confidence"] == [
        900_000, 900_000, 450_000, 420_000, 500_000, 950_000, 800_000, 700_000, 650_000
    ]  # fmt: skip
    own = [round(1e6 * float(row.probabilities[CLASSES.index(row.label)])) for row in rows]
    assert found["labelProbability"] == own
    assert own[:3] == [40_000, 70_000, 250_000]


def test_names_are_written_where_they_are_not_the_id(report: Report) -> None:
    found = index_data(report)
    for id_, name in zip(found["id"], found["name"], strict=True):
        assert name == ("" if safe_name(id_) == id_ else safe_name(id_))
    assert sum(map(bool, found["name"])) == 1


def test_the_names_of_classes_and_outcomes_and_where_shades_end(report: Report) -> None:
    found = index_data(report)
    assert found["classes"] == list(CLASSES)
    assert found["outcomes"] == [outcome.value for outcome in Outcome]
    assert found["long"] == LONG
    assert found["columns"] == report.cards.columns.picture
    assert found["darkest"] == report.cards.scale.darkest == 4


def test_a_report_shaded_by_text_offers_the_scale_of_the_run_too(tmp_path: Path) -> None:
    with opened(tmp_path, shades="text") as report:
        assert report.cards.scale.darkest is None
        assert index_data(report)["darkest"] == 4


def test_one_file_says_that_it_is_alone(report: Report) -> None:
    assert index_data(report)["single"] is False
    assert index_data(report, single=True)["single"] is True
    assert {**index_data(report, single=True), "single": False} == index_data(report)


def test_the_index_file_holds_the_columns(report: Report) -> None:
    (report.folder / "data").mkdir()
    write_index(report)
    text = (report.folder / "data" / "index.js").read_text(encoding="utf-8")
    assert handed_over(text) == ("index", index_data(report))


def test_without_their_column_unknown_words_are_not_counted(tmp_path: Path) -> None:
    with opened(tmp_path, columns=()) as bare:
        assert index_data(bare)["unknown"] is None


def test_only_the_sample_stands_in_the_index(tmp_path: Path) -> None:
    with opened(tmp_path, gallery=3) as sample:
        assert index_data(sample)["id"] == [ROWS[i].id for i in sample.indices]
        assert len(index_data(sample)["confidence"]) == 3


def test_a_card_by_hand() -> None:
    top = LEVELS - 1
    pieces = (
        Piece("("),
        Piece("a", token=True, level=top, weight=0.5),
        Piece("b", token=True, level=9, weight=0.25, unknown=True),
        Piece(" - "),
        Piece("c", token=True),
        Piece("d", token=True, level=0, weight=0.000126, unknown=True),
        Piece("!"),
        Piece("?"),
    )
    shades = [Piece("("), Piece("a", True, 10, 0.0), Piece(" "), Piece("b", True, top, 0.0)]
    card = replace(
        BLANK,
        pieces=pieces,
        attended=(Named("most attended", (("a", "0.500"), ("b", "0.250"))),),
        counts="4 tokens",
        flags=("one", "two"),
        extra=(("year", "1999"), ("author", "")),
        gradients=tuple(shades),
    )
    (found,) = cards_data([card])
    mark = "\x7f"
    assert found["text"] == f"({mark}a{mark}{mark}b{mark} - {mark}c{mark}{mark}d{mark}!?"
    assert found["shades"] == "v9-0"
    assert found["weights"] == "500000,250000,,126"
    assert found["unknown"] == [1, 3]
    assert json.loads(json.dumps(found["attended"])) == [
        ["most attended", [["a", "0.500"], ["b", "0.250"]]]
    ]
    assert (found["counts"], found["flags"]) == ("4 tokens", ["one", "two"])
    assert found["gradients"] == "av"
    assert found["extra"] == [["year", "1999"]]


def test_every_level_has_its_digit_and_every_card_its_record(report: Report) -> None:
    levels = [Piece("x", True, level, 0.1) for level in range(LEVELS)]
    (found,) = cards_data([replace(BLANK, pieces=tuple(levels))])
    assert [int(digit, 32) for digit in found["shades"]] == list(range(LEVELS))
    cards = CardMaker(CLASSES).cards(report.rows.take([0, 1]), report.results([0, 1]))
    first, second = cards_data(cards)
    assert first["text"].replace("\x7f", "") == ROWS[0].text
    assert second["text"].replace("\x7f", "") == ROWS[1].text
    assert len(first["gradients"]) == 12
    assert second["gradients"] == ""


def test_levels_below_zero_have_digits_of_their_own(report: Report) -> None:
    levels = range(-SIDE, SIDE + 1)
    pieces = tuple(Piece("x", True, level, level / 7) for level in levels)
    (found,) = cards_data([replace(BLANK, pieces=pieces, signed=True)])
    assert found["shades"] == "PONMLKJIHGFEDCBA0123456789abcdefg"
    weights = [float(weight) for weight in found["weights"].split(",")]
    assert weights == pytest.approx([level / 7 for level in levels], rel=0.01)


def test_cells_that_are_no_tokens_of_the_text_are_written_too(tmp_path: Path) -> None:
    weights = np.array([0.5, 0.2, 0.2, 0.1], np.float32)
    made = row("x", "bad", (0.7, 0.2, 0.1), ("one", "two", "three", "four"), attention=weights)
    spans = (None, *(made.spans or ())[1:])
    with opened(tmp_path, [ROWS[1], replace(made, spans=spans)]) as report:
        cards = report.cards.cards(report.rows.take([0, 1]), report.results([0, 1]))
    plain, found = cards_data(cards)
    assert plain["cells"] is None
    assert found["cells"] == {
        "words": ["one", "two", "three", "four"],
        "shades": "a000",
        "weights": "500000,200000,200000,100000",
        "unknown": [1],
    }
    assert found["shades"] == "000"


@pytest.mark.parametrize("weight", [1.23e-9, -4.56e7])
def test_attributions_of_any_size_keep_three_digits(weight: float) -> None:
    card = replace(BLANK, pieces=(Piece("x", True, 1, weight), Piece("y", True)), signed=True)
    (found,) = cards_data([card])
    number, unread = found["weights"].split(",")
    assert (float(number), unread) == (pytest.approx(weight), "")


def test_the_index_says_what_the_weights_are(report: Report, tmp_path: Path) -> None:
    found = index_data(report)
    assert (found["signed"], found["steps"]) == (False, LEVELS - 1)
    with opened(tmp_path, info=ATTRIBUTIONS) as signed:
        found = index_data(signed)
    assert (found["signed"], found["steps"]) == (True, SIDE)
    assert found["darkest"] == signed.cards.scale.darkest


def test_heads_are_digits_in_the_order_of_the_cards(tmp_path: Path) -> None:
    heads = np.array([[0.9, 0.1, 0.0], [0.0, 0.1, 0.9]], np.float32)
    made = row("a", "bad", (0.7, 0.2, 0.1), WORDS[:3], heads=heads, attention=heads.mean(axis=0))
    rows = [replace(ROWS[1], id="b"), made]
    with opened(tmp_path, rows, columns=(*COLUMNS, "attention_heads")) as headed:
        cards = headed.cards.cards(headed.rows.take([0, 1]), headed.results([0, 1]))
        assert heads_data(cards) == [None, ["q00", "00q"]]  # 0.9: of 1/3 to 1
        assert number_of_heads(headed) == 2


def test_without_their_column_there_are_no_heads(report: Report) -> None:
    assert number_of_heads(report) == 0


def test_flags_are_sums_of_powers_of_two(report: Report) -> None:
    findings = with_performance(replace(report.findings, support={}), label_errors=[1, 5])
    found = index_data(replace(report, findings=findings))
    label, in_train = found["flags"]
    for i, value in zip(ORDER, found["flag"], strict=True):
        flags = CardMaker(CLASSES).card(ROWS[i], findings.results([i])[0]).flags
        assert [found["flags"][k] for k in range(2) if value >> k & 1] == list(flags)
    assert found["flag"] == [0, 1, 0, 0, 0, 0, 0, 3, 0]
    assert label != in_train
    unknown = replace(report.predictions, in_train=None)
    assert index_data(replace(report, predictions=unknown, findings=findings))["flags"] == [label]


def test_columns_of_few_values_are_places_in_their_values(tmp_path: Path) -> None:
    values = ["b", "a", "", "b", "a", "a", "b", "", "c"]
    rows = [
        replace(row, extra={"topic": value, "id": str(i), "none": ""})
        for i, (row, value) in enumerate(zip(ROWS, values, strict=True))
    ]
    with opened(tmp_path, rows) as report:
        found = index_data(report)["extra"]
    by_name = {category["name"]: category for category in found}
    assert list(by_name) == ["id", "topic"]
    assert by_name["topic"]["values"] == ["a", "b", "c"]
    places = [values[i] and "abc".index(values[i]) for i in ORDER]
    assert by_name["topic"]["places"] == [None if place == "" else place for place in places]
