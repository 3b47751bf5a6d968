"""Every measure against scikit-learn, torchmetrics or another route; on real predictions too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn import metrics as sk
from torchmetrics.classification import MulticlassCalibrationError, MulticlassMatthewsCorrCoef

from reportgen.analysis.bootstrap import intervals, mean_interval, resamples
from reportgen.analysis.calibration import calibration, coverage
from reportgen.analysis.metrics import Scores, quality
from reportgen.analysis.scores import Measure, measure_all, metric_names

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
    return scores, measure_all(scores, p, quality(scores, names), seed=1)


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
    order = np.argsort(-scores.confidence, kind="stable")
    wrong = np.cumsum(~scores.correct[order]) / np.arange(1, len(gold) + 1)
    assert found["aurc"].value == pytest.approx(wrong.mean())
    kept = int(np.ceil(0.9 * len(gold)))
    assert found["accuracy_at_90"].value == pytest.approx(scores.correct[order][:kept].mean())
    for measure in found.values():
        assert measure.low <= measure.value <= measure.high, measure.name
        assert measure.method in ("Wilson", "bootstrap")


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


def test_what_cannot_be_measured_is_left_out() -> None:
    p = np.array([[0.9, 0.1], [0.8, 0.2]])
    _, found = measured(np.array([0, 0]), p)
    assert "roc_auc" not in found
    assert found["accuracy"].value == 1
    assert found["recall.yes"].value == 0


def test_the_interval_of_a_mean_is_scipys() -> None:
    values = np.random.default_rng(3).gamma(2, 1, 400)
    mine = mean_interval(values, seed=1)
    its = stats.bootstrap((values,), np.mean, method="percentile", random_state=2)
    assert mine == pytest.approx(its.confidence_interval, rel=0.02)
    assert mean_interval(values, seed=1) == mine
    assert all(np.isnan(mean_interval(np.zeros(0), 1)))


def test_a_resample_draws_as_many_as_there_are() -> None:
    drawn = next(resamples(50, 1))
    assert drawn.sum() == 50
    found = intervals(50, lambda w: {"none": float("nan")}, 1)
    assert all(np.isnan(found["none"]))


def test_coverage_ends_at_the_accuracy() -> None:
    gold, p = made_up(2)
    scores = Scores.of(gold, p)
    curve = coverage(scores)
    assert curve.shares[-1] == 1
    assert curve.accuracy[-1] == pytest.approx(scores.correct.mean())
    half = curve.shares.index(0.5)
    surest = np.argsort(-scores.confidence, kind="stable")[:1000]
    assert curve.accuracy[half] == pytest.approx(scores.correct[surest].mean())


@pytest.mark.parametrize("n", [11, 98, 200, 997])
def test_the_curve_marks_what_the_measure_says(n: int) -> None:
    gold, p = made_up(2, n)
    scores, found = measured(gold, p)
    curve = coverage(scores)
    assert curve.accuracy[curve.at(0.9)] == pytest.approx(found["accuracy_at_90"].value)
