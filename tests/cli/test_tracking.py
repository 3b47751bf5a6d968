"""``--mlflow``, without MLflow: what is printed when a run was logged or was not; exit codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import reportgen as rg
from reportgen import pipeline
from reportgen.api import comparisons, reports
from reportgen.errors import TrackingError
from reportgen.publish.html import single
from reportgen.publish.writing import _single_places
from reportgen.tracking import mlflow as tracking
from tests.publish.small import opened

FINISHED = pipeline.Finished(Path("reports/mine/one"), "Accuracy 50 %", 2_000_000, "ab12")
PRINTED = [
    "Accuracy 50 %", "HTML  reports/mine/one/index.html", "PDF   reports/mine/one/report.pdf",
    "Size  2.0 MB", "Digest ab12",
]  # fmt: skip


class Told:
    """Stands for a tracker: it has a page, and remembers which runs it was told."""

    def __init__(self, page: Path, result: tracking.Logged | Exception) -> None:
        self.page, self.result, self.runs = page, result, list[Path]()

    def log(self, run: Path) -> tracking.Logged:
        self.runs.append(run)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def replaced(patch: pytest.MonkeyPatch, told: Told) -> None:
    """Let every address lead to this tracker."""

    @contextmanager
    def opened_tracker(uri: str | None) -> Iterator[Told]:
        assert uri == "http://host"
        yield told

    patch.setattr(tracking, "open_tracker", opened_tracker)
    patch.setattr(reports, "open_tracker", opened_tracker)
    patch.setattr(comparisons, "open_tracker", opened_tracker)


@pytest.fixture
def rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invoke: Any
) -> Callable[..., tuple[Any, Told]]:
    """Call ``reportgen render --mlflow`` with a tracker; nothing is rendered."""

    def call(result: tracking.Logged | Exception, broken: tuple[str, ...] = ()) -> tuple[Any, Told]:
        told = Told(tmp_path / "page.html", result)
        replaced(monkeypatch, told)

        def finished(*given: Any) -> pipeline.Finished:
            (execution,) = [one for one in given if isinstance(one, pipeline.Execution)]
            assert execution.page == told.page
            return pipeline.Finished(
                FINISHED.folder, FINISHED.headline, FINISHED.size, FINISHED.digest, broken
            )

        monkeypatch.setattr(pipeline, "render", finished)
        monkeypatch.setattr(pipeline, "run", finished)
        done = invoke("render", "--predictions", "mine.jsonl", "--mlflow", "http://host")
        assert invoke("--mlflow", "http://host") == done
        assert told.runs == 2 * [FINISHED.folder]
        return done, told

    return call


def test_a_logged_run_ends_with_its_place(rendered: Any) -> None:
    done, _ = rendered(tracking.Logged("http://host/#/1", page=True))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [*PRINTED, "MLflow http://host/#/1"]


def test_a_page_that_was_left_out_is_told(rendered: Any) -> None:
    done, _ = rendered(tracking.Logged("http://host/#/1", page=False))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-2:] == [
        "MLflow http://host/#/1",
        "MLflow lacks report.html: as one file the gallery would be larger than 25 MB; a smaller"
        " --gallery makes it fit",
    ]


def test_a_run_that_was_not_logged_ends_with_code_1(rendered: Any) -> None:
    done, _ = rendered(TrackingError("http://host: the run was not logged\n (no)"))
    assert done.code == 1
    assert done.out.splitlines() == PRINTED
    assert done.err == "error: http://host: the run was not logged (no)\n"


def test_a_broken_bound_keeps_code_3(rendered: Any) -> None:
    done, _ = rendered(TrackingError("not logged"), broken=("accuracy is 0.5",))
    assert (done.code, done.err) == (3, "error: accuracy is 0.5\nerror: not logged\n")
    done, _ = rendered(tracking.Logged("there", page=True), broken=("accuracy is 0.5",))
    assert (done.code, done.err) == (3, "error: accuracy is 0.5\n")
    assert done.out.endswith("\nMLflow there\n")


ROWS = [
    {
        "text": "Plain awful", "label": "no", "probabilities": [0.9, 0.1],
        "tokens": ["Plain", "awful"], "attention": [0.1, 0.9],
    },
]  # fmt: skip


def test_python_logs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(tmp_path / "page.html", TrackingError("not logged; it is complete in there"))
    replaced(monkeypatch, told)
    with pytest.raises(TrackingError, match=r"not logged; it is complete in there"):
        rg.render(ROWS, ["no", "yes"], out=tmp_path, mlflow="http://host", pdf_examples=0)
    (run,) = told.runs
    assert rg.open_report(run).verify() == []
    assert not (run / "report.html").exists()
    page = told.page.read_text()
    assert 'class="card' in page
    assert "<link" not in page


def test_a_comparison_is_logged_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invoke: Any
) -> None:
    table = str(rg.render(ROWS, ["no", "yes"], out=tmp_path, pdf_examples=0).predictions.path)
    told = Told(tmp_path / "page.html", tracking.Logged("http://host/#/1", page=True))
    replaced(monkeypatch, told)
    words = ("compare", table, table, "--pdf-examples", "0", "--out", str(tmp_path), "--quiet")
    done = invoke(*words, "--mlflow", "http://host")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "MLflow http://host/#/1"
    assert "The same predictions" in told.page.read_text()
    told.page.unlink()
    made = rg.compare(table, table, out=tmp_path / "py", mlflow="http://host", pdf_examples=0)
    assert told.runs[1:] == [made.path]
    assert told.page.exists()
    assert not (made.path / "report.html").exists()


def test_an_address_is_spelled_as_an_argument() -> None:
    with pytest.raises(rg.ReportgenError, match=r"^mlflow='\./mlruns': MLflow 3 keeps no runs"):
        rg.render(ROWS, ["no", "yes"], mlflow="./mlruns")


def test_the_page_stands_in_the_run_or_beside_it_or_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    with opened(tmp_path) as report:
        assert _single_places(report) == []
        tracked = replace(report, run=replace(report.run, page=tmp_path / "page.html"))
        assert _single_places(tracked) == [tmp_path / "page.html"]
        own = replace(tracked, options=replace(tracked.options, single_file=True))
        assert _single_places(own) == [own.folder / "report.html"]
        monkeypatch.setattr(single, "LIMIT", 1000)
        assert _single_places(tracked) == []
