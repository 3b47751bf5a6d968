"""The data that the gallery's script loads of a comparison."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen.publish.comparison.data import categories, flips_data, index_data
from tests.publish.comparison.compared import ATTRIBUTIONS, INFO, opened, runs


def test_the_index_has_the_columns_of_a_report_and_of_each_run(tmp_path: Path) -> None:
    with opened(tmp_path) as gallery:
        index = index_data(gallery)
    json.dumps(index, allow_nan=False)
    assert index["id"] == ["broken-sure", "broken", "fixed", "Changed", "bare"]
    assert index["name"][:3] == ["", "", ""]
    assert index["name"][3].startswith("changed--")
    assert index["outcomes"] == ["broken", "fixed", "changed", "differ"]
    assert index["outcome"] == [0, 0, 1, 2, 3]
    assert index["verdicts"]["fixed"] == ("✓", "Fixed")
    assert index["label"] == [2, 0, 1, 2, None]
    assert index["confidence"] == [900_000, 600_000, 700_000, 770_000, 600_000]
    assert index["tokens"] == [6] * 5
    first, second = index["runs"]
    assert (first["letter"], second["letter"]) == ("A", "B")
    assert (first["predicted"], second["predicted"]) == ([2, 0, 0, 0, 0], [0, 1, 1, 1, 2])
    assert second["confidence"] == [900_000, 600_000, 500_000, 770_000, 550_000]
    assert second["labelProbability"] == [50_000, 200_000, 500_000, 115_000, None]
    assert index["labelProbability"] == second["labelProbability"]
    assert second["second"] == [1, 0, 0, 0, 0]
    assert second["secondProbability"] == [50_000, 200_000, 250_000, 115_000, 225_000]
    assert (first["heatmaps"], second["heatmaps"]) == ("heatmaps/a", "heatmaps/b")


def test_each_run_says_what_its_weights_are(tmp_path: Path) -> None:
    with opened(tmp_path, infos=(INFO, ATTRIBUTIONS)) as gallery:
        index = index_data(gallery)
        cards = gallery.flips(gallery.places).cards()
        (card, *_) = flips_data(cards, gallery.shared_scales)
    assert "signed" not in index
    told = [
        [reading[key] for reading in card["readings"]] for key in ("signed", "steps", "darkest")
    ]
    assert told == [[False, True], [31, 16], [4.0, 0.3]]


def test_what_a_card_shows_beyond_the_index(tmp_path: Path) -> None:
    with opened(tmp_path) as gallery:
        data = flips_data(gallery.flips(gallery.places).cards(), gallery.shared_scales)
    a, b = data[1]["readings"]
    assert a["text"].split("\x7f")[1::2] == ["the", "text", "of", "broken", "is", "short"]
    assert a["text"] == b["text"]
    assert a["weights"].split(",") == b["weights"].split(",")[::-1]
    assert data[1]["extra"] == (("topic", "play <0>"),)
    assert [d["extra"] for d in data if "readings" not in d] == []


def test_filters_by_the_answers_of_each_run_and_by_further_columns(tmp_path: Path) -> None:
    with opened(tmp_path) as gallery:
        found = {category.name: category for category in categories(gallery)}
    assert list(found) == ["Predicted by A", "Predicted by B", "topic"]
    assert found["Predicted by B"].values == ["bad", "fair", "good"]
    assert found["Predicted by B"].places == [0, 1, 1, 1, 2]
    assert found["topic"].values == ["play <0>", "play <1>"]
    assert found["topic"].places == [1, 0, 1, 1, 0]


@pytest.mark.parametrize("count", [20, 21])
def test_a_column_of_many_values_is_no_filter(tmp_path: Path, count: int) -> None:
    texts = {f"t{i}": f"text {i}" for i in range(count * 8 // 5 + 8)}
    first, second = runs(texts)
    first = [replace(p, extra={"topic": str(i % count)}) for i, p in enumerate(first)]
    with opened(tmp_path, (first, second)) as gallery:
        values = {first[int(i)].extra["topic"] for i in gallery.runs[0].indices[gallery.places]}
        names = [category.name for category in categories(gallery)]
    assert ("topic" in names) is (len(values) <= 20)
