"""Every page, script and notebook in docs/ is run, and every link of a page leads somewhere."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shlex
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reportgen.api.tables import as_predictions
from tests.conftest import ROOT, Invoked

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
RUN = [page for page in PAGES if not page.with_suffix(".ipynb").exists()]  # those run as they are
SCRIPTS = sorted(DOCS.glob("*.py"))
NOTEBOOKS = sorted(DOCS.glob("*.ipynb"))
OPTIONAL = {"shap", "transformers"}  # packages that an example may need and tests may lack


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(), re.S)


def cells(notebook: Path) -> list[str]:
    kept = json.loads(notebook.read_text())["cells"]
    return ["".join(cell["source"]) for cell in kept if cell["cell_type"] == "code"]


def skip_without_packages(code: str) -> None:
    for name in OPTIONAL & set(re.findall(r"^(?:import|from) (\w+)", code, re.M)):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")


def run(code: str, values: dict[str, Any], name: str) -> Any:
    """Run the code as a cell of a notebook; return the value of its last line, if it has one."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), values)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), values)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def model_and_data(folder: Path) -> None:
    """What the page on transformers begins with: a model folder, and a folder with test.csv."""
    from tests.adapters.models import labels, saved

    saved("bert", folder / "my_model", **labels(("negative", "positive")))
    data = folder / "my_reviews"
    data.mkdir()
    (data / "test.csv").write_text("text,label\nPlain awful,negative\nNot bad,positive\n")


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_a_page_runs_from_top_to_bottom(
    page: Path, folder: Path, invoke: Callable[..., Invoked]
) -> None:
    code = blocks(page, "python")
    skip_without_packages("\n".join(code))
    if page.stem == "transformers":
        model_and_data(folder)
    values: dict[str, Any] = {}
    with warnings.catch_warnings():
        if "import shap" in "\n".join(code):
            warnings.simplefilter("ignore")
        for block in code:
            run(block, values, page.name)
    for line in "".join(blocks(page, "console")).splitlines():
        command = shlex.split(line, comments=True)
        if command[:1] == ["reportgen"]:
            done = invoke(*command[1:])
            assert done.code == 0, done.err


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_runs(script: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = script.read_text()
    skip_without_packages(code)
    exec(compile(code, script.name, "exec"), {"__name__": "__main__"})
    *_, headline, page = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"Accuracy [\d.]+\xa0% on \d+ examples", headline)
    assert (folder / page).is_file()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_script_hides_a_package(script: Path) -> None:
    """Python looks beside a script first: transformers.py imported itself for the package."""
    assert script.stem not in OPTIONAL
    assert importlib.util.find_spec(script.stem) is None


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_a_notebook_runs_and_every_value_shows_itself(notebook: Path, folder: Path) -> None:
    values: dict[str, Any] = {}
    shown = [run(cell, values, notebook.name) for cell in cells(notebook)]
    assert "reportgen-notebook" in shown[0]._repr_html_()
    assert all("image/png" in s._repr_mimebundle_()[0] for s in shown[-2:])
    assert (folder / "mistake.png").is_file()


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_a_notebook_has_the_code_of_its_page_and_no_outputs(notebook: Path) -> None:
    assert cells(notebook) == [b.strip() for b in blocks(notebook.with_suffix(".md"), "python")]
    kept = json.loads(notebook.read_text())["cells"]
    assert all(not cell["outputs"] for cell in kept if cell["cell_type"] == "code")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text()):
        path = page.parent / target if target else page
        assert path.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


def test_shap_values_become_a_report_in_at_most_five_lines() -> None:
    code = next(b for b in blocks(DOCS / "attributions.md", "python") if "import shap" in b)
    assert len([line for line in code.splitlines() if line]) <= 5


def test_the_readmes_overview_runs(folder: Path) -> None:
    code = next(b for b in blocks(ROOT / "README.md", "python") if "rg.render(frame" in b)
    explanation = SimpleNamespace(
        data=[["not ", "bad"]],
        values=[[[-0.1, 0.1], [-0.3, 0.3]]],
        base_values=[[0.5, 0.5]],
        output_names=["no", "yes"],
    )
    values = {
        "frame": {
            "text": ["Not bad", "Bad"], "label": ["yes", "no"], "no": [0.7, 0.9], "yes": [0.3, 0.1],
            "tokens": [["Not", "bad"], ["Bad"]], "attention": [[0.4, 0.6], [1.0]],
        },
        "explanation": explanation, "labels": ["no"], "tokens": ["Not", "bad"],
        "weights": [0.4, 0.6],
    }  # fmt: skip
    as_predictions(values["frame"], ["no", "yes"], None).save(folder / "new.parquet")
    run(code, values, "README.md")
    assert values["report"].metrics["accuracy"].value == 0.5
    assert (folder / "one.png").is_file()


def test_the_readme_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\((docs/[^)#]+)", (ROOT / "README.md").read_text()))
    assert {f"docs/{page.name}" for page in PAGES} <= linked
