"""The run that was reviewed: what is read of it, and that it must be as its manifest says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from reportgen.analysis.faithfulness import Support
from reportgen.errors import ArchiveError
from reportgen.review import source
from reportgen.review.source import ReviewedRun, open_run
from tests.publish.conftest import Page, body_of
from tests.review import papers


def test_the_run_says_what_its_report_says(opened: ReviewedRun, reviewed: Path) -> None:
    metrics = json.loads((reviewed / "metrics.json").read_text())
    assert opened.hash == papers.run_hash(reviewed)
    assert opened.experiment == "trial"
    assert opened.accuracy is not None
    assert opened.accuracy[0] == metrics["metrics"]["accuracy"]["value"]
    doubted = [i for i, doubted in enumerate(opened.results.doubted) if doubted]
    assert doubted
    assert {opened.predictions.ids[i] for i in doubted} == set(metrics["label_errors"])
    assert opened.results.support[:7] == [
        Support.UNSUPPORTED, None, None, None, None, None, Support.SUPPORTED,
    ] or opened.results.support.count(None) == 30  # fmt: skip
    ids = Page(body_of(reviewed / "index.html")).ids
    for card in opened.cards:
        page, _, anchor = card.partition("#")
        assert page == "index.html"
        assert anchor in ids


def test_examples_are_sorted_wrong_ones_first(opened: ReviewedRun) -> None:
    order = opened.order(range(len(opened.predictions)))
    correct = opened.scores.correct[order].tolist()
    assert correct == sorted(correct)
    wrong = [opened.scores.confidence[i] for i in order if not opened.scores.correct[i]]
    assert wrong == sorted(wrong, reverse=True)
    assert len(wrong) > 5


@pytest.mark.parametrize(
    "name", ["inputs.json", "predictions.parquet", "predictions.csv", "metrics.json"]
)
def test_a_run_that_changed_is_not_reviewed(reviewed: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(reviewed, copy)
    with (copy / name).open("ab") as file:
        file.write(b" ")
    with (
        pytest.raises(ArchiveError, match=f"{name}: not as the run's manifest says"),
        open_run(copy),
    ):
        pass
    (copy / name).unlink()
    with pytest.raises(ArchiveError, match=f"{name}: cannot be read"), open_run(copy):
        pass


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="not a run folder"), open_run(tmp_path):
        pass
    for content in ("[]", "{}", "{", "[" * 100_000):
        (tmp_path / "manifest.json").write_text(content)
        with pytest.raises(ArchiveError, match=r"manifest\.json: damaged"), open_run(tmp_path):
            pass
    for files, problem in (
        ("{}", r"not the run of a report \(its manifest has no predictions.parquet\)"),
        ('{"comparison.csv": {"sha256": "", "size": 0}}', "a comparison; name one of the runs"),
    ):
        (tmp_path / "manifest.json").write_text(f'{{"format": 1, "run": "1", "files": {files}}}')
        with pytest.raises(ArchiveError, match=problem), open_run(tmp_path):
            pass


def test_the_paper_is_that_of_the_run(opened: ReviewedRun) -> None:
    assert opened.paper == "A4"
    for inputs, paper in (
        ({"report": {"paper": "Letter"}}, "Letter"),
        ({"report": {"paper": "}*{"}}, "A4"),
        ({}, "A4"),
    ):
        assert source._paper(inputs) == paper
