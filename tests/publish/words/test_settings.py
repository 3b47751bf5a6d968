"""What a comparison says of the settings of its runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reportgen.publish.words.settings import same_tables, settings_that_differ
from reportgen.records import RunInfo
from tests.analysis.tables import renamed


def trained(max_tokens: int | None = None, **training: Any) -> RunInfo:
    return replace(renamed(training=training), max_tokens=max_tokens)


def test_every_setting_that_differs_is_named_with_its_values() -> None:
    one = trained(options={"epochs": 4, "max_length": 400, "dropout": 0.5, "seed": 1})
    two = trained(options={"epochs": 4, "max_length": None, "dropout": 0.5, "seed": 2})
    assert settings_that_differ("AB", [one, two]) == (
        "Settings that differ: max length 400 (A), none (B); seed 1 (A), 2 (B)."
    )
    assert settings_that_differ("ABC", [one, two, one]) == (
        "Settings that differ: max length 400 (A, C), none (B); seed 1 (A, C), 2 (B)."
    )
    assert settings_that_differ("AB", [one, one]) == ""
    spelt = [trained(options={"epochs": number}) for number in (4, 4.0)]
    assert settings_that_differ("AB", spelt) == ""


def test_what_was_trained_on_and_read() -> None:
    one = trained(data={"name": "mine", "sha256": "ab" * 32}, vectors={"name": "glove"})
    two = trained(90, data={"name": "mine", "sha256": "cd" * 32}, vectors={"name": "own"})
    assert settings_that_differ("AB", [one, two]) == (
        "Settings that differ: hash of the training data abababab (A), cdcdcdcd (B); training"
        " vectors glove (A), own (B)."
    )
    plain = trained(vectors=None)
    assert settings_that_differ("AB", [plain, one]) == (
        "Settings that differ: training vectors none (A), glove (B)."
    )
    assert settings_that_differ("AB", [trained(), one]) == ""  # not recorded
    named = trained(data={"name": "mine"})
    assert settings_that_differ("AB", [named, two]) == ""
    assert settings_that_differ("AB", [trained(80), two]).endswith(
        " tokens read the first 80 (A), the first 90 (B)."
    )


@pytest.mark.parametrize("odd", [{"options": None}, {"options": [1]}, {"data": "x"}, {}])
def test_what_one_run_does_not_record_is_not_compared(odd: dict[str, Any]) -> None:
    known = trained(options={"epochs": 4}, data={"sha256": "ab" * 32})
    assert settings_that_differ("AB", [known, trained(**odd)]) == ""


def test_a_value_of_other_parts_is_not_told() -> None:
    for odd in ([1], "long " * 20):
        pair = [trained(options={"layers": odd * k}) for k in (1, 2)]
        assert settings_that_differ("AB", pair) == ""


def test_the_model_as_asked_goes_before_the_model_as_made() -> None:
    infos = [
        replace(renamed(settings={"vocab_size": n, "hidden": n}), max_tokens=None) for n in (9, 8)
    ]
    asked = [
        replace(info, model=replace(info.model, training={"options": {"vocab_size": 25_000}}))
        for info in infos
    ]
    assert settings_that_differ("AB", asked) == "Settings that differ: hidden 9 (A), 8 (B)."


def test_a_table_that_is_given_twice() -> None:
    assert same_tables("AB", ["x", "y"]) == ""
    assert same_tables("ABC", ["x", "y", "x"]) == (
        "A and C are the same predictions table, by its hash."
    )
