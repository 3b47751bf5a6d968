"""The record that every writer takes: which examples, in which order, on which page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reportgen.errors import UsageError
from reportgen.publish import report as report_module
from reportgen.publish.report import Report
from reportgen.records import Prediction, RunInfo
from tests.publish.small import CLASSES, INFO, INPUTS, ROWS, opened, row


def rows(count: int) -> list[Prediction]:
    return [row(f"r{i}", "bad", (0.6 + i / 1000, 0.2, 0.2 - i / 1000), ["w"]) for i in range(count)]


def drawn(folder: Path, info: RunInfo) -> list[int]:
    folder.mkdir()
    with opened(folder, rows(60), info, gallery=10) as report:
        return report.indices


def test_the_sample_of_the_gallery_is_drawn_with_the_seed_of_the_table(tmp_path: Path) -> None:
    first = drawn(tmp_path / "a", INFO)
    assert len(first) == len(set(first)) == 10
    assert drawn(tmp_path / "b", INFO) == first
    others = [drawn(tmp_path / str(seed), replace(INFO, seed=seed)) for seed in (1, 2, 3)]
    assert len({tuple(sorted(indices)) for indices in (first, *others)}) == 4
    unseeded = drawn(tmp_path / "c", replace(INFO, seed=None))
    assert unseeded == drawn(tmp_path / "d", replace(INFO, seed=0)) != first
    assert sorted(unseeded) == sorted(np.random.default_rng(0).choice(60, 10, replace=False))


def test_the_record_of_a_whole_gallery(tmp_path: Path) -> None:
    with opened(tmp_path) as report:
        assert report.indices == [2, 5, 4, 8, 3, 6, 0, 1, 7]
        assert report.page_of == dict.fromkeys(range(9), "index.html")
        assert [len(section) for section in report.sections] == [2, 3, 4]
        assert report.cards.classes == report.info.classes == CLASSES
        assert (report.folder, report.seed, report.inputs) == (tmp_path, 7, INPUTS)
        ids = [prediction.id for prediction in report.rows.take([5, 0, 2])]
        assert ids == [ROWS[i].id for i in (5, 0, 2)]
        results = report.results([5, 0])
        assert [result.predicted for result in results] == [2, 2]
        assert [result.confidence for result in results] == pytest.approx([0.9, 0.8])
        assert [result.outcome.correct for result in results] == [False, True]
    assert [path.name for path in tmp_path.iterdir()] == ["table.parquet"]


def test_pages_say_where_each_example_stands(tmp_path: Path, monkeypatch) -> None:
    paginate = report_module.paginate
    monkeypatch.setattr(report_module, "paginate", lambda sections: paginate(sections, 4))
    with opened(tmp_path) as report:
        assert [page.indices for page in report.pages] == [[2, 5, 4, 8], [3, 6, 0, 1], [7]]
        assert report.indices == [2, 5, 4, 8, 3, 6, 0, 1, 7]
        assert report.page_of[8] == "index.html"
        assert (report.page_of[3], report.page_of[7]) == ("page-0002.html", "page-0003.html")


def test_the_margin_that_was_asked_for_decides_what_is_unsure(tmp_path: Path) -> None:
    with opened(tmp_path, unsure_margin=0.0) as report:
        assert [len(section) for section in report.sections] == [4, 0, 5]
        assert report.findings.unsure_margin == 0.0


def test_a_sample_keeps_the_order_and_the_sections_of_the_run(tmp_path: Path) -> None:
    with opened(tmp_path, gallery=5) as report:
        whole = [2, 5, 4, 8, 3, 6, 0, 1, 7]
        assert report.indices == [i for i in whole if i in report.indices]
        assert [section.whole for section in report.sections] == [2, 3, 4]
        assert [len(section) for section in report.findings.sections] == [2, 3, 4]
        assert set(report.page_of) == set(report.indices)
        assert [p.id for p in report.rows.take(report.indices)] == [
            ROWS[i].id for i in report.indices
        ]


def test_a_slice_that_the_table_lacks_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--slice year"), opened(tmp_path, slices=("year",)):
        pytest.fail("opened")
    assert [path.name for path in tmp_path.iterdir()] == ["table.parquet"]


def fail_within(folder: Path) -> None:
    with opened(folder) as report:
        assert isinstance(report, Report)
        raise ZeroDivisionError


def test_the_file_of_rows_goes_also_where_a_writer_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_within(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["table.parquet"]
