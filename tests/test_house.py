"""The house rules: sizes of files and functions, and contracts that name every module."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

LINES, FUNCTION_LINES, PARAMETERS = 350, 60, 6
PACKAGE = ROOT / "reportgen"
CODE = [
    path
    for folder in ("reportgen", "templates", "tests", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".js", ".css", ".j2"} and path.is_file()
]
PYTHON = [path for path in CODE if path.suffix == ".py"]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
OWNERS = {
    "Only adapters know transformers and captum": ["adapters"],
    "Only corpus knows torchtext": ["corpus"],
    "Only figures knows matplotlib and seaborn": ["figures"],
    "Only publish.html knows Jinja2": ["publish.html"],
    "Only publish.pdf knows WeasyPrint and pikepdf": ["publish.pdf"],
    "Only tracking.mlflow knows MLflow": ["tracking.mlflow"],
    "Only adapters and publish.modelcard know huggingface_hub": ["adapters", "publish.modelcard"],
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def modules(folder: Path) -> set[str]:
    """The names of the modules and packages in a folder."""
    packages = {p.parent.name for p in folder.glob("*/__init__.py")}
    return {p.stem for p in folder.glob("*.py")} - {"__init__"} | packages


def functions(path: Path) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (f"{name_of(path)}:{node.lineno} {node.name}", node)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


def test_no_file_is_too_long() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in CODE}
    assert len(lengths) > 100
    assert {name: n for name, n in lengths.items() if n > LINES} == {}


def test_no_function_is_too_long() -> None:
    long = [
        name
        for path in PYTHON
        for name, node in functions(path)
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]
    assert long == []


def test_no_function_takes_too_many_parameters() -> None:
    many = []
    for path in PACKAGE.rglob("*.py"):
        for name, node in functions(path):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            if len([a for a in given if a.arg not in ("self", "cls")]) > PARAMETERS:
                many.append(name)
    assert many == []


def test_lines_of_the_script_are_short() -> None:
    for path in CODE:
        if path.suffix == ".js":
            assert max(map(len, path.read_text().splitlines())) <= 120, path


@pytest.mark.parametrize("contract", OWNERS)
def test_contracts_name_every_module(contract: str) -> None:
    """Each module is named but the owners, whole or by its parts."""
    sources = next(c["source_modules"] for c in CONTRACTS if c["name"] == contract)
    named = {s.removeprefix("reportgen.") for s in sources} | set(OWNERS[contract])
    for child in modules(PACKAGE) - {"__main__"} - named:
        assert {f"{child}.{part}" for part in modules(PACKAGE / child)} <= named, child
