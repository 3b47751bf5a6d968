"""Which examples stand in which document of the PDF, and what travels inside it."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.ordering import Section
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.pdf import volumes as module
from reportgen.publish.pdf.joining import ONE_HEAD
from reportgen.publish.pdf.parts import Laid, PartTask
from reportgen.publish.pdf.volumes import Volume, parts, volumes
from reportgen.publish.report import Report
from reportgen.publish.summary import summarize
from reportgen.publish.tables import csv_text
from reportgen.records import Skipped
from tests.publish.small import ROWS, numbers, opened
from tests.publish.test_heatmaps import Watched


def sections(*sizes: int) -> list[Section]:
    starts = np.cumsum([0, *sizes])
    return [
        Section(f"s{k}", f"S{k}", np.arange(start, start + size), size)
        for k, (start, size) in enumerate(zip(starts, sizes, strict=False))
    ]


def planned(*sizes: int, examples: int | None = None) -> list[list[tuple[str, int, int]]]:
    return [
        [(b.section.key, b.first, b.last) for b in volume.blocks]
        for volume in volumes(sections(*sizes), examples)
    ]


@pytest.fixture
def _volumes_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VOLUME", 5)


@pytest.mark.usefixtures("_volumes_of_five")
def test_volumes_of_five_by_hand() -> None:
    assert planned(5) == [[("s0", 1, 5)]]
    assert planned(6) == [[("s0", 1, 5)], [("s0", 6, 6)]]
    assert planned(3, 4, 4) == [
        [("s0", 1, 3), ("s1", 1, 2)],
        [("s1", 3, 4), ("s2", 1, 3)],
        [("s2", 4, 4)],
    ]
    assert planned(0, 6, 0) == [[("s0", 1, 0), ("s1", 1, 5)], [("s1", 6, 6)]]
    assert planned(0, 0) == [[("s0", 1, 0), ("s1", 1, 0)]]


def test_a_part_of_the_examples_is_shared_out() -> None:
    assert planned(9, 9, 9, examples=8) == [[("s0", 1, 4), ("s1", 1, 2), ("s2", 1, 2)]]
    assert planned(2, 9, 0, examples=8) == [[("s0", 1, 2), ("s1", 1, 6), ("s2", 1, 0)]]
    assert planned(2, 1, 1, examples=99) == [[("s0", 1, 2), ("s1", 1, 1), ("s2", 1, 1)]]
    assert planned(2, 1, examples=0) == [[("s0", 1, 0), ("s1", 1, 0)]]


def test_files_of_volumes() -> None:
    files = [Volume(number, ()).file for number in (1, 2, 11)]
    assert files == ["report.pdf", "report-02.pdf", "report-11.pdf"]
    assert [volume.number for volume in volumes(sections(2500), None)] == [1, 2, 3]


def together(*sizes: int) -> list[list[tuple[str, int, int]]]:
    (volume,) = volumes(sections(*sizes), None)
    return [[(b.section.key, b.first, b.last) for b in blocks] for blocks in parts(volume)]


def test_parts_are_of_one_section_and_of_about_one_size() -> None:
    assert together(30, 40) == [[("s0", 1, 30)], [("s1", 1, 40)]]
    assert together(100) == [[("s0", 1, 100)]]
    assert together(101, 25) == [[("s0", 1, 50)], [("s0", 51, 101)], [("s1", 1, 25)]]
    assert together(250) == [[("s0", 1, 83)], [("s0", 84, 166)], [("s0", 167, 250)]]


def test_short_sections_are_laid_out_together_so_that_no_page_is_left_half_empty() -> None:
    assert together(3, 4) == [[("s0", 1, 3), ("s1", 1, 4)]]
    assert together(54, 54, 12) == [[("s0", 1, 54)], [("s1", 1, 54), ("s2", 1, 12)]]
    assert together(70, 13, 12) == [[("s0", 1, 70), ("s1", 1, 13), ("s2", 1, 12)]]
    assert together(90, 24) == [[("s0", 1, 90)], [("s1", 1, 24)]]


def test_a_section_without_examples_stands_with_another() -> None:
    assert together(0, 30, 0, 40) == [
        [("s0", 1, 0), ("s1", 1, 30), ("s2", 1, 0)], [("s3", 1, 40)]
    ]  # fmt: skip
    assert together(3, 0) == [[("s0", 1, 3), ("s1", 1, 0)]]
    assert together(0, 0) == [[("s0", 1, 0), ("s1", 1, 0)]]


# What is handed to the engine; no page is laid out here


class Engine:
    """Stands in for the layout and the joining of parts, and remembers what they were given."""

    def __init__(self) -> None:
        self.tasks: list[PartTask] = []
        self.joined: list[tuple[list[bytes], bytes]] = []
        self.heads: list[Sequence[Sequence[str]]] = []
        self.missing = frozenset[str]()
        self.vector = True

    def lay_out(self, task: PartTask) -> Laid:
        self.tasks.append(task)
        if task.cards:
            rows = [row.id for row in task.cards.rows.take()]
            assert rows == [ROWS[i].id for i in task.cards.indices]
        count = len(task.cards.indices) if task.cards else 0
        return Laid(task.name.encode(), count, self.missing, self.vector or count == 0)

    def join(
        self,
        parts: list[BytesIO],
        running: BytesIO,
        target: BytesIO,
        heads: Sequence[Sequence[str]],
    ) -> None:
        self.heads.append(heads)
        self.joined.append(([part.read() for part in parts], running.read()))
        target.write(b"volume %d" % len(self.joined))

    def of(self, template: str) -> list[PartTask]:
        return [task for task in self.tasks if task.template == f"pdf/{template}.j2"]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(module, "lay_out", engine.lay_out)
    monkeypatch.setattr(module, "join", engine.join)
    return engine


def write(report: Report, **summary: Any) -> Watched:
    for name in ("inputs.json", "metrics.json"):
        (report.folder / name).write_text(f"the {name}")
    watched = Watched()
    words = replace(summarize(report, (), Drawn(frozenset(), 0, 0)), **summary)
    module.write_volumes(replace(report, progress=watched), words)
    return watched


def ids(*tasks: PartTask) -> list[str]:
    return [ROWS[i].id for task in tasks if task.cards for i in task.cards.indices]


@pytest.mark.usefixtures("_volumes_of_five")
def test_each_volume_is_whole_and_the_first_lists_the_others(
    engine: Engine, tmp_path: Path
) -> None:
    skipped = tuple(Skipped("f.csv", i, "short") for i in range(45))
    with opened(tmp_path, pdf_examples=None) as report:
        watched = write(report, skipped=skipped)
        order = report.indices
        rows = [csv_text(report, order[:5], 1), csv_text(report, order[5:], 6)]
    first, second = engine.of("front")
    assert [first.values["volume"], second.values["volume"]] == [1, 2]
    assert (first.values["volumes"], second.values["volumes"]) == (2, 2)
    volume_of = [
        [task for task in engine.of("cards") if task.values["volume"] == n] for n in (1, 2)
    ]
    assert ids(*volume_of[0]) == [ROWS[i].id for i in order[:5]]
    assert ids(*volume_of[1]) == [ROWS[i].id for i in order[5:]]
    assert first.values["linked"] <= {f"ex-{id_}" for id_ in ids(*volume_of[0])}
    assert not second.values["linked"]
    assert [file for file, _ in first.values["outline"]] == ["report.pdf", "report-02.pdf"]
    assert [[part.key for part in parts] for _, parts in first.values["outline"]] == [
        ["mistakes", "unsure"], ["right"]
    ]  # fmt: skip
    assert second.values["outline"] == []
    assert numbers(first.values["shown_note"])[:1] == [9]
    (back,) = engine.of("back")
    assert (back.values["skipped_listed"], numbers(back.values["skipped_note"])) == (40, [5])
    contents = [(part.key, part.range, part.size) for part in first.values["contents"]]
    assert contents == [("mistakes", "2 of 2", 2), ("unsure", "3 of 3", 3)]
    assert [task.values["titles"] for task in engine.of("running")] == [
        ["Confident mistakes", "Unsure"], ["Confidently right"]
    ]  # fmt: skip
    assert [task.tagged for task in engine.of("running")] == [False, False]
    for k, task in enumerate((first, second)):
        inputs, metrics, examples = task.attachments
        assert (inputs.name, inputs.content) == ("inputs.json", b"the inputs.json")
        assert (metrics.name, metrics.content) == ("metrics.json", b"the metrics.json")
        assert (examples.name, examples.content) == ("examples.csv", rows[k].encode())
    assert {task.time for task in engine.tasks} == {datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC)}
    assert watched.lines == []
    assert watched.steps == [("PDF", 9, 9)]


@pytest.mark.usefixtures("_volumes_of_five")
def test_parts_are_joined_in_their_order_and_leave_nothing(engine: Engine, tmp_path: Path) -> None:
    with opened(tmp_path, pdf_examples=None) as report:
        write(report)
    assert engine.joined == [
        (
            [b"001-front.pdf", b"001-cards-00.pdf", b"001-back.pdf"],
            b"001-running.pdf",
        ),
        ([b"002-front.pdf", b"002-cards-00.pdf"], b"002-running.pdf"),
    ]
    assert engine.heads == [[ONE_HEAD, ["mistakes", "unsure"], ONE_HEAD], [ONE_HEAD, ["right"]]]
    assert (tmp_path / "report.pdf").read_bytes() == b"volume 1"
    assert (tmp_path / "report-02.pdf").read_bytes() == b"volume 2"
    assert not list(tmp_path.glob(".parts*"))


def test_only_the_first_pages_bring_charts_and_no_task_names_the_folder(
    engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "one-light.svg").write_bytes(b"<svg/>")
    with opened(tmp_path, pdf_examples=None) as report:
        write(report)
    (front,) = engine.of("front")
    assert front.charts == {"one-light.svg": b"<svg/>"}
    assert [task.charts for task in engine.tasks if task is not front] == [{}] * 3
    assert all(str(tmp_path).encode() not in pickle.dumps(task) for task in engine.tasks)


def test_parts_of_one_section_have_names_of_their_own(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART", 2)
    with opened(tmp_path) as report:
        write(report)
    (front,) = engine.of("front")
    assert [(part.key, part.range) for part in front.values["contents"]] == [
        ("mistakes", "2 of 2"),
        ("unsure", "1 of 3"),
        ("unsure-2", "2 to 3 of 3"),
        ("right", "2 of 4"),
        ("right-3", "3 to 4 of 4"),
    ]
    assert len(front.values["outline"][0][1]) == 3


def test_where_weasyprint_cannot_draw_cells_it_is_said_once(engine: Engine, tmp_path: Path) -> None:
    engine.vector = False
    with opened(tmp_path) as report:
        watched = write(report)
    (line,) = watched.lines
    assert line.startswith("warning: this WeasyPrint draws heatmaps another way")
    assert engine.joined


def test_what_takes_long_is_laid_out_first_and_joined_in_its_place(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEW", 1)
    monkeypatch.setattr(module, "charts_of", lambda _: {"chart": b"one"})
    with opened(tmp_path) as report:
        write(report)
    front, *rest = engine.tasks
    assert front.template == "pdf/front.j2"
    sizes = [len(task.cards or ()) for task in rest]
    assert sizes == sorted(sizes, reverse=True)
    assert len({size for size in sizes if size}) > 1
    (joined, _), names = engine.joined[0], sorted(t.name for t in engine.of("cards"))
    assert joined == [name.encode() for name in ("001-front.pdf", *names, "001-back.pdf")]


def test_characters_without_a_glyph_are_named_once(engine: Engine, tmp_path: Path) -> None:
    engine.missing = frozenset("映a")
    with opened(tmp_path) as report:
        watched = write(report)
    (line,) = watched.lines
    assert "2 characters" in line
    assert "U+0061 (" in line
    assert "U+6620 (Debian package fonts-noto-cjk)" in line


def test_a_sample_is_told_with_its_seed(engine: Engine, tmp_path: Path) -> None:
    with opened(tmp_path, gallery=6, pdf_examples=4) as report:
        write(report)
        gallery = {report.predictions.ids[i] for i in report.indices}
    (front,) = engine.of("front")
    assert numbers(front.values["shown_note"])[:4] == [4, 9, 6, 7]
    shown = ids(*engine.tasks)
    assert len(shown) == 4
    assert set(shown) <= gallery
