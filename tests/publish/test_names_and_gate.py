"""Names that are safe anywhere, and bounds that a report breaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reportgen.analysis.scores import metric_names
from reportgen.errors import UsageError
from reportgen.publish.gate import Bound, broken, check_names
from reportgen.publish.names import LONGEST, safe_name


@pytest.mark.parametrize("id_", ["a", "test-042", "a_b", "0", "x" * LONGEST])
def test_a_safe_id_is_its_own_name(id_: str) -> None:
    assert safe_name(id_) == id_


def test_half_a_character_has_a_name_too() -> None:
    assert len({safe_name("\ud800"), safe_name("\ud801"), safe_name("")}) == 3


@pytest.fixture
def run(tmp_path: Path) -> Path:
    values = {"accuracy": 0.8125, "ece": 0.25, "f1.bad": 0.5}
    measures = {name: {"name": name, "value": value} for name, value in values.items()}
    measures["mcc"] = {"name": "mcc", "value": None}  # type: ignore[dict-item]
    (tmp_path / "metrics.json").write_text(json.dumps({"metrics": measures}))
    return tmp_path


def test_a_metric_at_its_bound_is_within_it(run: Path) -> None:
    assert broken(run, [Bound("accuracy", 0.8125), Bound("ece", 0.25, over=True)]) == []
    assert broken(run, [Bound("accuracy", 0.8), Bound("ece", 0.3, over=True)]) == []


@pytest.mark.parametrize("name", ["mcc", "roc_auc"])
@pytest.mark.parametrize("over", [True, False])
def test_a_metric_that_could_not_be_measured_breaks_its_bound(
    run: Path, name: str, over: bool
) -> None:
    (line,) = broken(run, [Bound(name, 0.5, over)])
    assert name in line


def test_a_bound_is_an_underbound_unless_said_otherwise(run: Path) -> None:
    assert not Bound("accuracy", 0.5).over
    assert len(broken(run, [Bound("accuracy", 0.9)])) == 1


def test_a_bound_on_a_metric_that_no_report_has_is_refused() -> None:
    classes = ("bad", "good")
    known = [Bound(name, 0.5) for name in metric_names(classes)]
    assert {"accuracy", "f1.good"} <= {bound.name for bound in known}
    check_names(known, classes)
    with pytest.raises(UsageError, match=r"^--fail-under f1\.fair: .*known: accuracy, .*f1\.good"):
        check_names([*known, Bound("f1.fair", 0.5)], classes)
    with pytest.raises(UsageError, match=r"^--fail-over speed: "):
        check_names([Bound("speed", 0.5, over=True)], classes)
