"""Every public name has a docstring with an example, and the examples are run."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reportgen as rg

NAMES = [name for name in rg.__all__ if not name.startswith("__")]
FINDER = doctest.DocTestFinder(recurse=False)


def documented() -> Iterator[tuple[str, Any]]:
    """Yield every public name, and every public method of a public class, with what it names."""
    for name in NAMES:
        thing = getattr(rg, name)
        yield name, thing
        for method, value in vars(thing).items() if inspect.isclass(thing) else ():
            if not method.startswith("_") and (callable(value) or isinstance(value, property)):
                yield f"{name}.{method}", value


DOCUMENTED = dict(documented())


@pytest.mark.parametrize("name", DOCUMENTED)
def test_it_has_a_docstring(name: str) -> None:
    assert inspect.getdoc(DOCUMENTED[name]), name


@pytest.mark.parametrize("name", NAMES)
def test_it_has_an_example_and_a_function_says_what_it_raises(name: str) -> None:
    text = inspect.getdoc(getattr(rg, name)) or ""
    assert "Example:" in text
    assert "Raises:" in text or not inspect.isfunction(getattr(rg, name))


@pytest.mark.parametrize("name", [n for n, v in DOCUMENTED.items() if ">>>" in (v.__doc__ or "")])
def test_its_example_runs(name: str, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine)
    (test,) = FINDER.find(DOCUMENTED[name], name, globs={"rg": rg})
    results = doctest.DocTestRunner().run(test)
    assert results.attempted
    assert not results.failed
