"""Reports are made where no package of a model is installed, as the README installs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from reportgen.versions import MODEL
from tests.conftest import ROOT

ABSENT = (*MODEL, "sentencepiece", "transformers")  # sentencepiece is of torchtext
HIDING = f"""
import importlib.machinery, sys

class Hidden(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        hidden = name.partition(".")[0] in {ABSENT!r}
        return None if hidden else super().find_spec(name, path, target)

sys.meta_path = [Hidden if f is importlib.machinery.PathFinder else f for f in sys.meta_path]
from reportgen.cli import main
sys.argv[0] = "reportgen"
main()
"""
ROWS = [
    {"id": "1", "text": "Plain awful", "label": "no", "probabilities": [0.9, 0.1],
     "tokens": ["Plain", "awful"], "attention": [0.1, 0.9]},
    {"id": "2", "text": "Not bad", "label": "yes", "probabilities": [0.7, 0.3],
     "tokens": ["Not", "bad"], "attention": [0.4, 0.6]},
]  # fmt: skip


def reportgen(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process that has none of a model's packages."""
    command = [sys.executable, "-c", HIDING, *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_requirements_are_those_of_the_package_without_a_model() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [name for name in project["dependencies"] if re.split(r"[<>=]", name)[0] not in MODEL]
    assert len(needed) == len(project["dependencies"]) - len(MODEL)
    assert (ROOT / "docs" / "render-requirements.txt").read_text().splitlines() == needed


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_report_is_made_and_verified(tmp_path: Path, workers: str) -> None:
    run = {"classes": ["no", "yes"], "data": {"name": "mine"}}
    lines = [{"reportgen.run": run}, *ROWS]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, lines)))
    words = ("render", "--predictions", "mine.jsonl", "--review", "--workers", workers, "--quiet")
    done = reportgen(tmp_path, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Accuracy 50.0\xa0% on 2 examples\n")
    (folder,) = (tmp_path / "reports" / "mine").glob("2*")
    assert (folder / "report.pdf").stat().st_size > 10_000
    assert len(list((folder / "heatmaps").iterdir())) == 2
    for words in (("verify", str(folder)), ("pack", str(folder)), ("index", "reports")):
        done = reportgen(tmp_path, *words)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "words", [("--limit", "2"), ("train", "--data", "."), ("predict", "--out", "p")]
)
def test_what_needs_a_model_says_so_in_a_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = reportgen(tmp_path, *words)
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "", "error: a model needs captum, safetensors, torch, torchtext, not installed here:"
        " install reportgen with what it depends on, or use reportgen render\n",
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
