"""Tiny transformers, saved once for all tests of a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reportgen.records import Example, Prediction
from tests.adapters.models import MODELS, TEXTS, saved


@pytest.fixture(autouse=True)
def on_one_thread(one_thread: None) -> None:
    """Run every test here on one thread."""


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of the models by kind; tests do not change them."""
    return {kind: saved(kind, tmp_path_factory.mktemp("hf") / kind) for kind in MODELS}


EXAMPLES = [
    Example(f"e{i}", text, ("negative", "positive", "mixed")[i % 3]) for i, text in enumerate(TEXTS)
]


@pytest.fixture(scope="session")
def transformer(folders: dict[str, Path]) -> Callable[..., Any]:
    """Load a model with a method, in batches of three."""
    from reportgen.adapters.hf.loading import load
    from reportgen.adapters.hf.transformer import Transformer
    from reportgen.adapters.hf.weighing import parse_method

    loaded = {kind: load(f"hf:{folder}", "cpu") for kind, folder in folders.items()}

    def opened(
        kind: str, method: str = "attention", heads: bool = False, **options: Any
    ) -> Transformer:
        way = parse_method(method, heads)
        return Transformer(loaded[kind], way, **{"batch_size": 3, **options})

    return opened


@pytest.fixture
def predicted(transformer: Callable[..., Any]) -> Callable[..., list[Prediction]]:
    """Predict the examples."""

    def predict(kind: str, method: str = "attention", **options: Any) -> list[Prediction]:
        return list(transformer(kind, method, **options).predict(EXAMPLES))

    return predict
