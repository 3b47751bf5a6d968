"""A folder with a table and its report, as the examples of the docstrings expect them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

import reportgen as rg

ROWS: list[dict[str, Any]] = [
    {"text": "Plain awful", "label": "no", "probabilities": [0.9, 0.1],
     "tokens": ["Plain", "awful"], "attention": [0.1, 0.9]},
    {"text": "Not bad", "label": "yes", "probabilities": [0.7, 0.3],
     "tokens": ["Not", "bad"], "attention": [0.4, 0.6]},
]  # fmt: skip
CLASSES = ["no", "yes"]


@pytest.fixture(scope="session")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mine")
    report = rg.render(ROWS, CLASSES, out=folder / "reports", experiment="mine")
    report.predictions.save(folder / "my.parquet")
    if importlib.util.find_spec("transformers"):
        from tests.adapters.models import labels, saved

        saved("bert", folder / "my_model", **labels(("negative", "positive")))
    return folder
