"""Models on a device that is not the CPU: everything is moved there, and answers are the same.

Each check runs in a process of its own, for which the device is made (``elsewhere``).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.records import Example, Explanation, Prediction

ROOT = Path(__file__).parents[1]
TEXTS = ["A small, patient film.", "Awful.", "I did not like it, and neither did she", "zzzqqq", ""]
EXAMPLES = [Example(str(i), text, "positive") for i, text in enumerate(TEXTS)]
TRANSFORMERS = [
    ("bert", "attention:1"),
    ("gpt2", "rollout"),
    ("xlnet", "gradients"),
    ("t5", "attention"),
]


registration = pytest.importorskip("torch.utils.backend_registration")
pytestmark = pytest.mark.skipif(
    not hasattr(registration, "_setup_privateuseone_for_python_backend"),
    reason="this torch makes no device in Python",
)


def same(one: Sequence[Prediction], other: Sequence[Prediction]) -> None:
    for here, there in zip(one, other, strict=True):
        np.testing.assert_allclose(there.probabilities, here.probabilities, atol=1e-5)
        np.testing.assert_allclose(there.attention, here.attention, atol=1e-4)
        assert (here.heads is None) == (there.heads is None)
        if here.heads is not None:
            np.testing.assert_allclose(there.heads, here.heads, atol=1e-4)


def same_explanations(one: Mapping[str, Explanation], other: Mapping[str, Explanation]) -> None:
    assert one.keys() == other.keys()
    for name, here in one.items():
        for field in fields(here):
            values = getattr(here, field.name), getattr(other[name], field.name)
            assert (values[0] is None) == (values[1] is None)
            if values[0] is not None:
                np.testing.assert_allclose(values[1], values[0], atol=1e-4, err_msg=field.name)


def lies_on(model: Any, device: str) -> None:
    """Every parameter and buffer of the model is on the device."""
    import torch

    kinds = {values.device.type for values in model.state_dict().values()}
    assert kinds == {torch.device(device).type}


def device() -> None:
    """The device tells what is not on it."""
    import torch

    from tests.elsewhere import elsewhere

    with elsewhere() as there:
        moved = torch.arange(3.0).to(there)
        assert (moved + moved).cpu().tolist() == [0, 2, 4]
        assert moved.device.type == there
        with pytest.raises(RuntimeError, match="on the same device"):
            moved + torch.ones(3)
        with pytest.raises((RuntimeError, TypeError)):
            moved.numpy()


def checkpoint() -> None:
    """Predict and explain with the bundled checkpoint."""
    from reportgen.classifier.checkpoint import load_checkpoint
    from reportgen.classifier.explain import explain
    from reportgen.classifier.inference import predict
    from reportgen.predicting import SAMPLE_CHECKPOINT
    from tests.elsewhere import elsewhere

    def answers(device: str) -> tuple[list[Prediction], dict[str, Explanation]]:
        loaded = load_checkpoint(SAMPLE_CHECKPOINT, device=device)
        lies_on(loaded.model, device)
        rows = list(predict(loaded, EXAMPLES, batch_size=2, device=device))
        read = [row for row in rows if len(row.tokens)]
        return rows, dict(explain(loaded, read, seed=1, device=device))

    rows, explained = answers("cpu")
    with elsewhere() as there:
        other, explained_there = answers(there)
    same(rows, other)
    assert len(explained) >= 3
    same_explanations(explained, explained_there)


def training() -> None:
    """Train a small model for two epochs, with averaged weights, and with dropout of words."""
    from reportgen.classifier.inference import predict
    from reportgen.classifier.training import TrainingData, prepare_fields, train
    from reportgen.corpus.dataset import tokenized
    from tests.classifier.conftest import ENGLISH, SMALL, separable
    from tests.elsewhere import elsewhere

    options = replace(SMALL, epochs=2, patience=2, average=0.9, dropout=0.0)
    learn, prepared = prepare_fields(separable(40), ENGLISH, options)
    valid = [tokenized(example, ENGLISH) for example in separable(8)]
    data = TrainingData(learn, valid, prepared, ENGLISH)
    here = train(data, options)
    with elsewhere() as there:
        trained = train(data, options, device=there)
        lies_on(trained.model, there)
        same(list(predict(here, separable())), list(predict(trained, separable(), device=there)))
        train(data, replace(options, word_dropout=0.2, dropout=0.2), device=there)


def transformers() -> None:
    """Predict and explain with transformers, each in another way."""
    from reportgen.adapters.hf.loading import load
    from reportgen.adapters.hf.transformer import Transformer
    from reportgen.adapters.hf.weighing import parse_method
    from tests.adapters.models import saved
    from tests.elsewhere import elsewhere

    for kind, way in TRANSFORMERS:
        with tempfile.TemporaryDirectory() as folder:
            saved(kind, Path(folder) / kind)

            def answers(device: str) -> tuple[list[Prediction], dict[str, Explanation]]:
                loaded = load(f"hf:{Path(folder) / kind}", device)  # noqa: B023
                lies_on(loaded.model, device)
                method = parse_method(way, heads=way.startswith("attention"))  # noqa: B023
                model = Transformer(loaded, method, batch_size=2, device=device)
                rows = list(model.predict(EXAMPLES[:4]))
                return rows, dict(model.explain(rows[:2], 1))

            rows, explained = answers("cpu")
            with elsewhere() as there:
                other, explained_there = answers(there)
            same(rows, other)
            same_explanations(explained, explained_there)


@pytest.mark.parametrize("check", [device, checkpoint, training, transformers])
def test_on_a_device_of_its_own(check: object) -> None:
    name = check.__name__  # type: ignore[attr-defined]
    lines = (
        "import torch; torch.set_num_threads(1); from tests import elsewhere, test_devices",
        f"elsewhere.register(); test_devices.{name}()",
    )
    done = subprocess.run(
        [sys.executable, "-c", "; ".join(lines)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
