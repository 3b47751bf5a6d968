"""A finished run is read back as it was found, and refused where it is not what it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reportgen.analysis.findings import Findings
from reportgen.errors import ArchiveError
from reportgen.publish.archive import inputs_hash, new_run, run_digest
from reportgen.publish.finished import read_run
from reportgen.publish.words.opening import headline, lede
from tests.publish import unlabelled
from tests.publish.sealed import sealed
from tests.publish.small import INFO, INPUTS, ROWS


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Findings]:
    return sealed(tmp_path_factory.mktemp("small"))


@pytest.fixture
def folder(small: tuple[Path, Findings], tmp_path: Path) -> Path:
    """A copy of the small run."""
    return shutil.copytree(small[0], tmp_path / small[0].name)


def same(found: Any, expected: Any) -> None:
    """Compare records that may hold NaN, which no record equals."""
    assert repr(found) == repr(expected)


def test_what_was_found_is_read_back(small: tuple[Path, Findings]) -> None:
    folder, findings = small
    found, performance = read_run(folder), findings.performance
    assert performance is not None
    same(dict(found.measures), dict(performance.measures))
    same(found.faithfulness, findings.faithfulness)
    assert found.faithfulness is not None
    quality = found.quality
    assert quality is not None
    expected = {p: n for p, n in performance.quality.confusion.items() if n}
    assert quality.confusion == expected
    same(replace(quality, confusion={}), replace(performance.quality, confusion={}))
    assert quality.matrix().tolist() == performance.quality.matrix().tolist()
    assert (found.headline, found.lede) == (headline(INFO.data, findings), lede(findings))
    same(found.mean_confidence, findings.certainty.mean_confidence)
    same(found.unsure_share, findings.certainty.unsure_share)
    assert (found.examples, found.labelled, found.in_train, found.label_errors) == (9, 9, 1, 0)
    assert replace(found.info, data=INFO.data, weights=None) == INFO


def test_a_class_that_is_never_right_has_no_count(tmp_path: Path) -> None:
    rows = [replace(row, label="bad") if row.label == "fair" else row for row in ROWS]
    rows[0] = replace(rows[0], label="fair")
    folder, findings = sealed(tmp_path, rows)
    found = read_run(folder).quality
    assert findings.performance is not None
    assert found is not None
    assert found.confusion == findings.performance.quality.confusion
    assert 0 not in found.confusion.values()


def test_groups_are_read_back(tmp_path: Path) -> None:
    rows = [unlabelled.example(i) for i in range(2 * unlabelled.COUNT)]
    folder, findings = sealed(tmp_path, rows, slices=("topic",))
    assert findings.performance is not None
    assert findings.performance.slices
    same(read_run(folder).slices, tuple(findings.performance.slices))
    same(read_run(folder).faithfulness, findings.faithfulness)


def test_a_run_without_labels_and_tests(tmp_path: Path) -> None:
    rows = [replace(row, label=None, explanation=None) for row in ROWS]
    found = read_run(sealed(tmp_path, rows)[0])
    assert (found.quality, found.faithfulness, found.slices) == (None, None, ())
    assert dict(found.measures) == {}


def test_it_is_identified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    folder, _ = sealed(tmp_path)
    found = read_run(folder.with_name("latest"))
    assert (found.hash, found.digest) == (inputs_hash(INPUTS), run_digest(folder))
    assert (found.id, found.experiment) == (folder.name, "trial")
    assert found.time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert found.files == ("inputs.json", "metrics.json")
    assert found.inputs == INPUTS
    assert replace(found, folder=folder.rename(folder.with_name("other"))).time is None


def changed(folder: Path, **values: Any) -> None:
    """Change metrics.json, and the manifest with it."""
    metrics = folder / "metrics.json"
    metrics.write_text(json.dumps(json.loads(metrics.read_text()) | values))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["metrics.json"]["sha256"] = hashlib.sha256(metrics.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "values",
    [
        {"run": {}}, {"run": None}, {"metrics": []}, {"metrics": {"accuracy": {"value": 1}}},
        {"quality": {"classes": [{}]}}, {"attention": {"examples": "x"}}, {"slices": [1]},
        {"attention": 3}, {"certainty": None}, {"examples": "x"}, {"in_train": []},
        {"label_errors": 3}, {"labelled": None},
    ],
)  # fmt: skip
def test_values_of_another_shape_are_refused_in_one_line(
    folder: Path, values: dict[str, Any]
) -> None:
    changed(folder)
    read_run(folder)
    changed(folder, **values)
    with pytest.raises(ArchiveError, match=r"metrics.json: not as this version writes it \("):
        read_run(folder)


def test_a_comparison_is_no_run(tmp_path: Path) -> None:
    with new_run(tmp_path, "trial", {"comparison": []}) as target:
        (target.folder / "metrics.json").write_text("{}")
    with pytest.raises(ArchiveError, match=r": a comparison; name one of the runs that it"):
        read_run(target.destination)


def test_a_changed_file_is_refused(folder: Path) -> None:
    with (folder / "metrics.json").open("a") as file:
        file.write(" ")
    with pytest.raises(ArchiveError, match=r"metrics.json: not as the run's manifest says;"):
        read_run(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "metrics.json").unlink()
    with pytest.raises(ArchiveError, match=r"metrics.json: cannot be read \(No such file"):
        read_run(folder)


def test_a_folder_without_a_report_is_refused(folder: Path, tmp_path: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["metrics.json"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(
        ArchiveError, match=r"not the run of a report \(its manifest has no metrics.json"
    ):
        read_run(folder)
    with pytest.raises(ArchiveError, match=r"not a run folder"):
        read_run(tmp_path)
