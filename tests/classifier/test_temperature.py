from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax

from reportgen.classifier.temperature import fit_temperature
from reportgen.errors import TrainingError


def drawn(scale: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits [N, K] that are ``scale`` times as large as the labels warrant, and the labels."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(6000, 3)) * 2
    p = np.exp(log_softmax(honest, axis=1))
    labels = (p.cumsum(axis=1) < rng.random((6000, 1))).sum(axis=1)
    return scale * honest, labels


@pytest.mark.parametrize("scale", [0.25, 1.0, 4.0])
def test_the_temperature_undoes_the_scale_of_the_logits(scale: float) -> None:
    logits, labels = drawn(scale)
    temperature = fit_temperature(logits, labels)
    assert temperature == pytest.approx(scale, rel=0.05)

    def loss(t: float) -> float:
        rows = np.arange(len(labels))
        return float(-log_softmax(logits / t, axis=1)[rows, labels].mean())

    assert loss(temperature) <= min(loss(temperature * step) for step in (0.98, 1.02))


def test_labels_may_be_any_iterable() -> None:
    logits, labels = drawn(2.0)
    assert fit_temperature(logits, iter(labels.tolist())) == fit_temperature(logits, labels)


SOME_WRONG = np.array([[2.0, 0.0], [2.0, 0.0], [2.0, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("logits", "labels"),
    [
        (SOME_WRONG, [0, 0, 0, 1]),  # all correct: the smaller, the better
        (SOME_WRONG, [1, 1, 1, 0]),  # all wrong: the larger, the better
        (SOME_WRONG / 100, [0, 0, 0, 0]),  # 0.01 would fit
        (SOME_WRONG * 100, [0, 1, 0, 0]),  # 100 would fit
    ],
)
def test_no_temperature_within_the_bounds_is_an_error(
    logits: np.ndarray, labels: list[int]
) -> None:
    with pytest.raises(TrainingError) as caught:
        fit_temperature(logits, labels)
    assert str(caught.value) == (
        "no temperature from 0.05 to 20 fits 4 validation examples; use more of them"
    )


def test_a_perfect_model_is_refused_though_a_temperature_within_the_bounds_is_found() -> None:
    # Its loss is as good as zero well before the smallest temperature is reached.
    logits = np.array([[500.0, 0.0], [0.0, 500.0]])
    with pytest.raises(TrainingError):
        fit_temperature(logits, [0, 1])
