"""The table of the mutation script knows tests for every module of the rooms, and they exist."""

from __future__ import annotations

import pytest

from tests.mutation import mutate, table

ROOMS = ("analysis", "classifier", "cli", "corpus", "figures", "predictions", "publish")


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_has_tests(room: str) -> None:
    for module in mutate.modules([room]):
        assert module.endswith("__init__.py") or mutate.tests_of(module), module


@pytest.mark.parametrize("module", table.TESTS)
def test_what_the_table_names_exists(module: str) -> None:
    assert (mutate.ROOT / "reportgen" / module).exists()
    for path in table.TESTS[module]:
        assert (mutate.ROOT / path).exists(), path
