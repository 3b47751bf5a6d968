"""From run folders and tables to a comparison: what is opened, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen.comparing import compare, open_comparison
from reportgen.errors import ReportgenError
from reportgen.options import ReportOptions
from reportgen.pipeline import Execution, Finished, render
from reportgen.publish.archive import file_sha256
from reportgen.publish.gate import Margin
from reportgen.publish.verification import verify
from reportgen.records import Prediction
from reportgen.workspace import Workspace
from tests.analysis.tables import INFO, drawn, row, rows, write

GOLD, FIRST, SECOND = drawn(60, seed=4)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("tables")
    return [write(folder, name, rows(GOLD, p)) for name, p in (("a", FIRST), ("b", SECOND))]


@pytest.fixture(scope="module")
def run(tables: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = tmp_path_factory.mktemp("reports")
    options = ReportOptions(pdf_examples=1, gallery=2)
    return render(tables[1], options, Workspace(reports, "trial"), Execution()).folder


def made(sources: Sequence[Path], out: Path, **more: object) -> Finished:
    options = ReportOptions(pdf_examples=1)
    return compare(sources, options, Workspace(out), Execution(), **more)  # type: ignore[arg-type]


def refused(*sources: Path) -> str:
    with pytest.raises(ReportgenError) as caught, open_comparison(sources):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_tables_and_run_folders(tables: list[Path], run: Path) -> None:
    latest = run.parent / "latest"
    with open_comparison([tables[0], run, latest]) as compared:
        first, second, third = compared.sources
        assert (first.name, first.folder, first.run) == ("a.parquet", None, None)
        assert first.sha256 == file_sha256(tables[0])
        assert second == third
        assert (second.name, second.folder) == (f"trial/{run.name}", run.resolve())
        assert second.run == json.loads((run / "manifest.json").read_text())["run"]
        assert second.sha256 == file_sha256(run / "predictions.parquet")
        assert compared.found.identical == (False, False)
        assert compared.found.names == ("a.parquet", second.name, second.name)
        assert [len(table) for table in compared.tables] == [60, 60, 60]


def test_json_lines(tables: list[Path], tmp_path: Path) -> None:
    lines = [
        {
            "id": r.id, "text": r.text, "label": r.label, "tokens": list(r.tokens),
            "probabilities": r.probabilities.tolist(), "attention": r.attention.tolist(),
        }
        for r in rows(GOLD, FIRST)
    ]  # fmt: skip
    lines.insert(0, {"reportgen.run": {"classes": ["no", "yes"]}})
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    with open_comparison([tables[0], file]) as compared:
        assert compared.found.agreed == 60
        assert compared.found.matched.whole


def test_the_comparison_stands_in_a_folder_of_its_own(
    tables: list[Path], run: Path, tmp_path: Path
) -> None:
    before = sorted(file.name for file in run.iterdir())
    done = made([tables[0], run], tmp_path / "out")
    assert done.folder.parent == tmp_path / "out" / "trial", "the experiment of the last run"
    assert verify(done.folder) == []
    assert sorted(file.name for file in run.iterdir()) == before
    inputs = json.loads((done.folder / "inputs.json").read_text())
    one, other = inputs["comparison"]
    assert one == {"name": "a.parquet", "run": None, "predictions": file_sha256(tables[0])}
    assert (other["name"], len(other["run"])) == (f"trial/{run.name}", 64)
    assert inputs["report"]["pdf_examples"] == 1
    assert not (done.folder / "predictions.parquet").exists()
    assert not (done.folder.parent / "latest").exists(), "a comparison is not the latest run"
    assert (tmp_path / "out" / "index.html").is_file()
    assert done.headline == json.loads((done.folder / "metrics.json").read_text())["headline"]


def test_a_run_that_was_moved_into_a_folder_of_any_name(
    tables: list[Path], run: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "sent by Ann" / run.name
    shutil.copytree(run, moved)
    assert made([tables[0], moved], tmp_path / "out").folder.parent.name == "sent-by-Ann"


def test_the_experiment_is_that_of_the_data_of_a_table_or_the_one_that_is_named(
    tables: list[Path], tmp_path: Path
) -> None:
    assert made(tables, tmp_path).folder.parent.name == "small"
    named = compare(tables, ReportOptions(pdf_examples=0), Workspace(tmp_path, "mine"), Execution())
    assert named.folder.parent.name == "mine"


def test_margins_are_checked_before_anything_is_written(tables: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ReportgenError, match="--fail-worse acuracy: no such metric; known: accur"):
        made(tables, tmp_path, margins=[Margin("acuracy", 0.1)])
    bare = [replace(r, label=None) for r in rows(GOLD, FIRST)]
    table = write(tmp_path, "bare", bare)
    with pytest.raises(ReportgenError, match="--fail-worse accuracy: no example has a label"):
        made([table, table], tmp_path / "out", margins=[Margin("accuracy", 0.1)])
    assert not (tmp_path / "out").exists()


def test_broken_margins_are_told(tables: list[Path], tmp_path: Path) -> None:
    wrong = [replace(r, probabilities=r.probabilities[::-1].copy()) for r in rows(GOLD, FIRST)]
    worse = write(tmp_path, "worse", wrong)
    margins = [Margin("accuracy", 0.01), Margin("brier", 0.01)]
    done = made([tables[0], worse], tmp_path / "out", margins=margins)
    assert [line.split(" by ")[0] for line in done.broken] == [
        "B is worse than A in accuracy", "B is worse than A in brier",
    ]  # fmt: skip
    assert made([worse, tables[0]], tmp_path / "out", margins=margins).broken == ()


def other(folder: Path, name: str, of: Sequence[Prediction], *classes: str) -> Path:
    return write(folder, name, of, replace(INFO, classes=classes))


def test_other_classes_are_refused_by_name(tables: list[Path], tmp_path: Path) -> None:
    more = other(tmp_path, "more", [row("e0000", "no", (0.5, 0.3, 0.2))], "no", "yes", "maybe")
    assert refused(tables[0], more) == (
        f"{more}: has other classes than the first run (also has maybe); only runs with the same"
        " classes can be compared"
    )
    renamed = other(tmp_path, "renamed", [row("e0000", "bad", (0.5, 0.5))], "bad", "good")
    assert "(lacks no, yes and also has bad, good)" in refused(tables[0], tables[1], renamed)
    assert "(lacks maybe)" in refused(more, tables[0])


def test_nothing_shared_is_refused_with_the_reason(tables: list[Path], tmp_path: Path) -> None:
    elsewhere = write(tmp_path, "elsewhere", [row("x", "no", (0.9, 0.1))])
    assert refused(tables[0], elsewhere) == (
        f"{tables[0]} and {elsewhere}: share no example (examples are matched by id and text)"
    )
    texts = [replace(r, text=f"{r.text} …") for r in rows(GOLD, FIRST)]
    changed = write(tmp_path, "changed", texts)
    assert refused(tables[0], changed) == (
        f"{tables[0]} and {changed}: share 60 ids, but no text of these is the same"
    )
    turned = [replace(r, label={"no": "yes", "yes": "no"}[str(r.label)]) for r in rows(GOLD, FIRST)]
    contrary = write(tmp_path, "contrary", turned)
    assert refused(tables[0], contrary) == (
        f"{tables[0]} and {contrary}: share 60 examples, but no label of these is the same"
    )


def test_how_many_runs(tables: list[Path]) -> None:
    assert refused(tables[0]) == "1 run given; a comparison takes 2 to 26"
    assert refused(*tables[:1] * 27) == "27 runs given; a comparison takes 2 to 26"


def test_what_is_no_run_is_refused(tables: list[Path], run: Path, tmp_path: Path) -> None:
    assert refused(tables[0], tmp_path / "none") == (
        f"{tmp_path / 'none'}: no such run folder or predictions table"
    )
    assert (
        refused(tables[0], tmp_path) == f"{tmp_path}: not a run folder (there is no manifest.json)"
    )
    done = made(tables, tmp_path / "out")
    assert refused(tables[0], done.folder) == (
        f"{done.folder}: a comparison; name one of the runs that it compares"
    )
    packed = tmp_path / "run.zip"
    packed.touch()
    assert refused(tables[0], packed) == (
        f"{packed}: a zip file; extract it, and name the run's folder"
    )
    text = tmp_path / "notes.txt"
    text.write_text("no table")
    assert "not a parquet file that can be read" in refused(tables[0], text)


def test_duplicate_ids_are_refused_by_row(tables: list[Path], tmp_path: Path) -> None:
    twice = write(tmp_path, "twice", [row("a", "no", (0.9, 0.1)), row("a", "no", (0.8, 0.2))])
    assert refused(tables[0], twice) == f"{twice}, row 2: duplicate id 'a'"


def test_a_run_that_was_changed_is_refused(tables: list[Path], run: Path, tmp_path: Path) -> None:
    copy = tmp_path / run.name
    shutil.copytree(run, copy)
    (copy / "predictions.parquet").write_bytes(tables[0].read_bytes())
    assert refused(tables[0], copy) == (
        f"{copy / 'predictions.parquet'}: not as the run's manifest says; `reportgen verify` lists"
        " what differs"
    )
    (copy / "predictions.parquet").unlink()
    assert "cannot be read (No such file or directory)" in refused(tables[0], copy)
    (copy / "manifest.json").write_text("{}")
    assert "manifest.json: damaged" in refused(tables[0], copy)
