"""Comparisons in the index: listed apart from runs, with links both ways."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reportgen.publish.html.index import index_page, known_runs
from reportgen.publish.past import PastComparison
from reportgen.publish.series import Archive, find_runs, read_runs
from tests.publish.conftest import Page
from tests.publish.runs import compared, made

HOSTILE = '</script><script>alert("1")</script>\'&{{ 7 * 7 }}'


def archive(reports: Path) -> Archive:
    return read_runs(reports, find_runs(reports), {})


def row_of(text: str, table: str) -> list[Page]:
    """The rows of a table, by its id."""
    body = re.search(rf'<table id="{table}">.*?<tbody>(.*?)</tbody>', text, re.S)
    return [Page(row) for row in re.findall(r"<tr>(.*?)</tr>", body[1], re.S)] if body else []


def test_a_comparison_is_no_run(tmp_path: Path) -> None:
    runs = [made(tmp_path), made(tmp_path, 1)]
    folder = compared(tmp_path, runs)
    found = archive(tmp_path)
    assert [run.id for run in found.runs] == [run.name for run in runs]
    assert found.odd == ()
    (one,) = found.comparisons
    assert (one.experiment, one.id, one.headline) == ("trial", folder.name, "B is better")
    assert one.runs == (*((f"trial/{r.id}", r.hash) for r in found.runs), ("a.parquet", None))
    assert one.pages == ("index.html", "report.pdf")
    text = index_page(found)
    assert "2 runs in 1 experiment from" in text
    assert len(row_of(text, "runs")) == 2


def test_links_lead_from_runs_to_the_newest_comparison_and_back(tmp_path: Path) -> None:
    runs = [made(tmp_path), made(tmp_path, 1, experiment="other")]
    compared(tmp_path, runs[:1], 3)
    newest = compared(tmp_path, runs, 4)
    alone = made(tmp_path, 2)
    for name, folder in ((None, tmp_path), ("trial", tmp_path / "trial")):
        text = index_page(archive(tmp_path), name)
        (row, older) = row_of(text, "comparisons")
        assert "18 November 2023" in row.text
        assert "B is better" in row.text
        assert "A: trial/" in row.text
        assert "B: other/" in row.text
        assert "C: a.parquet" in row.text
        assert "B: a.parquet" in older.text
        for target in Page(text).targets:
            assert (folder / target).resolve().is_relative_to(tmp_path)
            if not target.endswith("/index.html") or target.count("/") > 1:
                assert (folder / target).resolve().is_file(), target
        ends = [(folder / target).resolve() for target in row.targets]
        assert ends == [
            newest / "index.html", runs[0] / "index.html", runs[1] / "index.html",
            newest / "index.html", newest / "report.pdf",
        ]  # fmt: skip
        by_text = {row.text: row.targets for row in row_of(text, "runs")}
        first = next(of for text, of in by_text.items() if runs[0].name[-8:] in text)
        assert (folder / first[-1]).resolve() == newest / "index.html"
        assert any("newest of 2 comparisons" in text for text in by_text)
        lonely = next(text for text in by_text if alone.name[-8:] in text)
        assert "comparison" not in lonely
    other = index_page(archive(tmp_path), "other")
    assert row_of(other, "comparisons") == []
    (row,) = row_of(other, "runs")
    assert (tmp_path / "other" / row.targets[-1]).resolve() == newest / "index.html"
    assert row.text.rstrip().endswith("comparison")


def test_what_a_comparison_says_is_escaped(tmp_path: Path) -> None:
    compared(tmp_path, [made(tmp_path)], headline=HOSTILE)
    text = index_page(archive(tmp_path))
    assert "<script>alert" not in text
    assert HOSTILE in row_of(text, "comparisons")[0].text


def test_what_is_known_of_a_comparison_comes_back(tmp_path: Path) -> None:
    folder = compared(tmp_path, [made(tmp_path)])
    found = archive(tmp_path)
    known = known_runs(index_page(found))
    assert dict(known) == dict(found.known)
    (folder / "metrics.json").touch()  # another time, so it is read again
    again = read_runs(tmp_path, find_runs(tmp_path), known)
    assert again.comparisons == found.comparisons
    assert isinstance(again.comparisons[0], PastComparison)


@pytest.mark.parametrize("value", ['"headline":"B is better"', '["a.parquet",null]'])
def test_what_is_known_is_checked(tmp_path: Path, value: str) -> None:
    compared(tmp_path, [made(tmp_path)])
    text = index_page(archive(tmp_path))
    assert text.count(value) == 1
    for other in ("[3]", "{}", "-1", "[1, 2, 3]"):
        changed = f"{value.partition(':')[0]}:{other}" if ":" in value else other
        assert known_runs(text.replace(value, changed)) == {}


def test_a_comparison_whose_inputs_are_of_another_shape_is_named(tmp_path: Path) -> None:
    folder = made(tmp_path, metrics={"headline": "x"}, comparison=[{"name": 3, "run": None}])
    found = archive(tmp_path)
    assert (found.runs, found.comparisons) == ((), ())
    assert [odd.name for odd in found.odd] == [folder.name]
