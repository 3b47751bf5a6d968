"""What the templates of a comparison show beside its cards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reportgen.publish.comparison.summary import FlipSummary, summarize
from reportgen.publish.heatmaps import Drawn
from reportgen.records import ModelInfo
from tests.publish.comparison.compared import INFO, opened, runs

NOTHING = Drawn(frozenset(), 0, 0)


def summary(folder: Path, infos=(INFO,), of=None, drawn=(NOTHING, NOTHING)) -> FlipSummary:
    with opened(folder, of, infos) as gallery:
        return summarize(gallery, (), drawn)


def test_the_runs_are_listed_with_what_is_not_compared(tmp_path: Path) -> None:
    first, second = runs()
    second = second[:6]
    found = summary(tmp_path, of=(first, second))
    rows = [(r.letter, r.name, r.date, r.data, r.examples, r.left_out) for r in found.runs]
    assert rows == [
        ("A", "a.parquet", "–", "small, split test", 8, 2),
        ("B", "b.parquet", "–", "small, split test", 6, 0),
    ]
    assert found.runs[0].model == "a model: tiny"
    assert (found.letters, found.labelled, found.has_unknown) == ("AB", True, True)


def test_what_is_the_same_in_all_runs_is_said_once(tmp_path: Path) -> None:
    other = replace(INFO, model=ModelInfo("another", tokenizer="words"))
    rows = summary(tmp_path, (INFO, other)).provenance
    names = [name for name, _ in rows]
    assert names[:2] == ["Predictions (A)", "Predictions (B)"]
    assert ("Data", "small, split test") in rows
    assert ("Model (A)", "a model: tiny") in rows
    assert ("Model (B)", "another") in rows
    assert ("Tokenizer (A)", "not said") in rows
    assert ("Tokenizer (B)", "words") in rows


def test_what_became_apparent_of_each_run_is_told(tmp_path: Path) -> None:
    drawn = (Drawn(frozenset("a"), 0, 2), Drawn(frozenset("b"), 3, 0))
    missing = summary(tmp_path, drawn=drawn).missing
    assert [line[:2] for line in missing[:2]] == ["A:", "B:"]
    assert "In 2 of 5 examples" in missing[0]
    assert "In 3 of 5 examples" in missing[1]
    assert "2 characters" in missing[2]


def test_a_page_and_a_pdf_name_the_comparison(tmp_path: Path) -> None:
    found = summary(tmp_path)
    assert (found.experiment, found.run_hash[:4], found.date) == ("trial", "abab", "5 March 2026")
    assert found.headline
    assert found.lede
    assert found.sample_note.startswith("The gallery shows 5 of 8 shared examples")
    assert [row.title for row in found.measures][:2] == ["Accuracy", "Balanced accuracy"]
    assert [(o.broken, o.fixed, o.changed) for o in found.outcomes] == [(2, 1, 1)]


def test_a_run_with_itself_is_said_to_be_so_and_has_no_cards_to_read(tmp_path: Path) -> None:
    first, _ = runs()
    found = summary(tmp_path, of=(first, first))
    assert found.runs_notes == ("A and B are the same predictions table, by its hash.",)
    assert found.reading_help == ""


def test_groups_in_which_the_runs_differ_come_first(tmp_path: Path) -> None:
    texts = {f"t{i:03}": f"text {i}" for i in range(400)}
    found = summary(tmp_path, of=runs(texts))
    marks = [bool(group.cell.mark) for group in found.groups]
    assert len(marks) > 2
    assert marks == sorted(marks, reverse=True)
    assert f"differ in {sum(marks)} of {len(marks)} groups" in found.groups_title
