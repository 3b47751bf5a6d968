"""The public names are there, cheap to import, typed, and the same everywhere."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import fields

import pytest

import reportgen as rg
from reportgen.api.calls import PredictKeywords, RenderKeywords
from reportgen.options import DataOptions, PredictOptions, ReportOptions
from tests.conftest import ROOT

PATH = f"import sys; sys.path.insert(0, {str(ROOT)!r}); "


def test_every_public_name_is_there_and_no_other() -> None:
    assert list(rg.__all__) == sorted(rg.__all__)
    assert all(getattr(rg, name) is not None for name in rg.__all__)
    assert set(rg.__all__) <= set(dir(rg))
    with pytest.raises(AttributeError, match="module 'reportgen' has no attribute 'rendr'"):
        rg.rendr  # noqa: B018


def test_type_checkers_see_the_same_names_as_python() -> None:
    tree = ast.parse((ROOT / "reportgen" / "__init__.py").read_text())
    imported = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reportgen.")
        for alias in node.names
    }
    assert imported == rg._HOME
    assert {*imported, "__version__"} == set(rg.__all__)


def test_the_import_loads_nothing_but_the_standard_library() -> None:
    """So it takes as long as Python itself: below 0.3 s, 0.05 s of processor time as measured."""
    code = "old = set(sys.modules); import reportgen; print(*set(sys.modules) - old)"
    done = subprocess.run([sys.executable, "-I", "-c", PATH + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("reportgen")} == {"reportgen"}
    others = {name.partition(".")[0] for name in loaded} - {"reportgen"}
    assert others <= sys.stdlib_module_names
    assert len(loaded) < 40


def test_rendering_loads_no_torch() -> None:
    code = (
        "import reportgen as rg; rg.render, rg.heatmap, rg.from_shap, rg.predict;"
        " print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", PATH + code], capture_output=True, text=True)
    assert "reportgen.api.reports" in done.stdout.split(), done.stderr
    assert not {"torch", "torchtext", "transformers", "shap"} & set(done.stdout.split())


def test_keywords_are_the_fields_of_the_options() -> None:
    def names(*records: type) -> set[str]:
        return {field.name for record in records for field in fields(record)}  # type: ignore[arg-type]

    assert set(RenderKeywords.__annotations__) == names(ReportOptions) | {
        "mlflow",
        "tokens",
        "workers",
        "scheduler",
        "progress",
    }
    positional = {"data", "split"}
    wanted = names(DataOptions, PredictOptions) - positional | {"workers", "scheduler", "progress"}
    assert set(PredictKeywords.__annotations__) == wanted


@pytest.mark.parametrize(
    ("function", "arguments"),
    [("render", {"galery": 3}), ("predict", {"limitt": 3}), ("from_shap", {"idz": 3})],
)
def test_an_unknown_keyword_is_refused_as_python_does(
    function: str, arguments: dict[str, int]
) -> None:
    (name,) = arguments
    with pytest.raises(TypeError, match=rf"{function}\(\) got an unexpected keyword.*{name!r}"):
        getattr(rg, function)("x", **arguments)
