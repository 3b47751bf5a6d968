"""Every measure against scikit-learn, torchmetrics or another route; on real predictions too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torchmetrics.classification import MulticlassCalibrationError, MulticlassMatthewsCorrCoef

from reportgen.analysis.calibration import calibration, reference
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.scores import Measure, measure_all, metric_names
from reportgen.analysis.selective import coverage

CLASSES = {2: ("no", "yes"), 4: ("a", "b", "c", "d")}


def made_up(classes: int, n: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[gold]
    logits = np.round(logits, 1)  # ties
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return gold, p


def measured(gold: np.ndarray, p: np.ndarray) -> tuple[Scores, dict[str, Measure]]:
    scores = Scores.of(gold, p)
    names = CLASSES.get(p.shape[1], tuple("abcdefgh"[: p.shape[1]]))
    found = calibration(scores)
    calibrated = (found, reference(found, 1))
    return scores, measure_all(scores, p, quality(scores, names), calibrated, seed=1)


def assert_agrees(gold: np.ndarray, p: np.ndarray) -> None:
    scores, found = measured(gold, p)
    said, k = scores.predicted, p.shape[1]
    one = np.eye(k)[gold]
    wanted = {
        "accuracy": sk.accuracy_score(gold, said),
        "balanced_accuracy": sk.balanced_accuracy_score(gold, said),
        "macro_precision": sk.precision_score(gold, said, average="macro", zero_division=0),
        "macro_recall": sk.recall_score(gold, said, average="macro"),
        "macro_f1": sk.f1_score(gold, said, average="macro"),
        "mcc": sk.matthews_corrcoef(gold, said),
        "roc_auc": sk.roc_auc_score(gold, p[:, 1])
        if k == 2
        else sk.roc_auc_score(gold, p, multi_class="ovr", average="macro"),
        "average_precision": sk.average_precision_score(gold, p[:, 1])
        if k == 2
        else sk.average_precision_score(one, p, average="macro"),
        "log_loss": sk.log_loss(gold, p),
        "brier": sk.brier_score_loss(gold, p[:, 1]) if k == 2 else ((p - one) ** 2).sum(1).mean(),
    }
    for name, value in wanted.items():
        assert found[name].value == pytest.approx(value, abs=1e-6), name
    ece = MulticlassCalibrationError(k, n_bins=15, norm="l1")(
        torch.from_numpy(p), torch.from_numpy(gold)
    )
    assert found["ece"].value == pytest.approx(float(ece), abs=2e-3)  # bins share no edges there
    assert found["ece"].value == pytest.approx(calibration(scores).error, abs=1e-12)
    mcc = MulticlassMatthewsCorrCoef(k)(torch.from_numpy(said), torch.from_numpy(gold))
    assert found["mcc"].value == pytest.approx(float(mcc), abs=1e-5)
    for measure in found.values():
        assert measure.low <= measure.value <= measure.high, measure.name
        assert measure.low < measure.high, measure.name


@pytest.mark.parametrize("classes", [2, 4])
def test_they_agree_with_others(classes: int) -> None:
    assert_agrees(*made_up(classes))


def test_they_agree_on_two_thousand_real_predictions(real_data) -> None:
    """Answers of the sample's checkpoint to real reviews: a model that is often wrong."""
    from dataclasses import replace

    from reportgen.classifier.checkpoint import load_checkpoint
    from reportgen.classifier.inference import predict
    from reportgen.corpus.dataset import Dataset
    from reportgen.pipeline import SAMPLE_CHECKPOINT

    checkpoint = load_checkpoint(SAMPLE_CHECKPOINT)
    names = {"neg": "negative", "pos": "positive"}
    split = Dataset.open(real_data / "imdb").read("test").limited(2000, 1)
    examples = [replace(example, label=names[example.label]) for example in split.examples]
    rows = list(predict(checkpoint, examples))
    gold = np.array([checkpoint.classes.index(row.label) for row in rows])
    p = np.array([row.probabilities for row in rows], dtype=np.float64)
    assert_agrees(gold, p / p.sum(axis=1, keepdims=True))  # float32 sums miss 1 by a hair


def test_names_are_those_of_the_measures() -> None:
    _, found = measured(*made_up(4))
    assert set(found) == set(metric_names(CLASSES[4]))


def test_a_split_of_one_class() -> None:
    p = np.array([[0.9, 0.1], [0.8, 0.2]])
    _, found = measured(np.array([0, 0]), p)
    for name in ("roc_auc", "average_precision", "mcc", "recall.yes", "precision.yes", "f1.yes"):
        assert np.isnan([found[name].value, found[name].low, found[name].high]).all(), name
    for name in ("accuracy", "macro_f1", "balanced_accuracy", "macro_precision"):
        assert found[name].value == 1, name


def test_a_class_that_does_not_occur_is_left_out_of_means() -> None:
    gold = np.repeat([0, 1], 10)
    _, found = measured(gold, np.eye(4)[gold] * 0.9 + 0.025)
    assert found["macro_f1"].value == found["roc_auc"].value == 1
    assert np.isnan(found["f1.c"].value)


@pytest.mark.parametrize("n", [1, 2, 5, 100])
def test_no_interval_has_zero_width(n: int) -> None:
    for right in (0, n // 2, n):
        gold = np.arange(n) % 2
        answers = np.where(np.arange(n) < right, gold, 1 - gold)
        for confidence in (1.0, 0.75):
            p = np.full((n, 2), 1 - confidence)
            p[np.arange(n), answers] = confidence
            for measure in measured(gold, p)[1].values():
                assert measure.low != measure.high, measure.name


def test_the_order_of_the_rows_does_not_matter() -> None:
    gold, p = made_up(4, 300)
    order = np.random.default_rng(3).permutation(300)
    one, other = measured(gold, p)[1], measured(gold[order], p[order])[1]
    for name, measure in one.items():
        ends = (measure.value, measure.low, measure.high)
        assert ends == pytest.approx((other[name].value, other[name].low, other[name].high)), name


def test_intervals_of_a_model_that_is_right_on_98_percent_cover() -> None:
    rng, inside = np.random.default_rng(0), 0
    for _ in range(60):
        gold = rng.integers(0, 2, 100)
        answers = np.where(rng.random(100) < 0.98, gold, 1 - gold)
        p = np.full((100, 2), 0.02)
        p[np.arange(100), answers] = 0.98
        found = measured(gold, p)[1]["balanced_accuracy"]
        inside += found.low <= 0.98 <= found.high
    assert inside >= 54


def test_coverage_ends_at_the_accuracy() -> None:
    gold, p = made_up(2)
    scores = Scores.of(gold, p)
    curve = coverage(scores)
    assert curve.shares[-1] == 1
    assert curve.accuracy[-1] == pytest.approx(scores.correct.mean())
    half = curve.shares.index(0.5)
    surest = np.argsort(-scores.confidence, kind="stable")[:1000]
    assert curve.accuracy[half] == pytest.approx(scores.correct[surest].mean(), abs=0.02)


@pytest.mark.parametrize("n", [11, 98, 200, 997])
def test_the_curve_marks_what_the_measure_says(n: int) -> None:
    gold, p = made_up(2, n)
    scores, found = measured(gold, p)
    curve = coverage(scores)
    assert curve.accuracy[curve.at(0.9)] == pytest.approx(found["accuracy_at_90"].value)
