"""The table of the mutation script: it knows tests for every module of the rooms, and they exist."""

from __future__ import annotations

import pytest

from tests.mutation.mutate import ROOT, TESTS, modules, tests_of

ROOMS = ("analysis", "classifier", "cli", "corpus", "figures", "predictions", "publish")


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_has_tests(room: str) -> None:
    for module in modules([room]):
        assert module.endswith("__init__.py") or tests_of(module), module


@pytest.mark.parametrize("module", TESTS)
def test_what_the_table_names_exists(module: str) -> None:
    assert (ROOT / "reportgen" / module).exists()
    for path in TESTS[module]:
        assert (ROOT / path).exists(), path
