"""Names of examples: distinct for every set of ids, safe everywhere, stable for plain ids."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.publish.names import safe_name

ids = st.text(max_size=80) | st.text("aA1_-./ é", max_size=70) | st.sampled_from(["A", "a", "con"])


@given(st.sets(ids, max_size=20), st.integers(0, 3))
def test_names_are_distinct_for_every_set_of_ids(chosen: set[str], rounds: int) -> None:
    for _ in range(rounds):  # ids that are the names of others, and those in other letters
        chosen |= {safe_name(id_) for id_ in chosen}
        chosen |= {id_.upper() for id_ in chosen}
    names = {safe_name(id_).casefold() for id_ in chosen}
    assert len(names) == len(chosen)


@given(ids)
def test_a_name_is_short_and_of_safe_characters_only(id_: str) -> None:
    name = safe_name(id_)
    assert re.fullmatch("[a-z0-9_][a-z0-9_-]{0,59}", name)
    assert name not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


@pytest.mark.parametrize("id_", ["test-042", "a", "7", "pos_12-b", "x" * 60])
def test_a_plain_id_is_its_own_name(id_: str) -> None:
    assert safe_name(id_) == id_


@pytest.mark.parametrize("id_", ["A", "", "評価", "a--b", "a-", "test\n", "x" * 61, "con", "a/b"])
def test_another_id_gets_130_bits_of_its_hash(id_: str) -> None:
    assert re.fullmatch("[a-z0-9_-]+--[a-z2-7]{26}", safe_name(id_))
