"""What documents of one paper share: fonts, the width of a column, what was measured."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.pdf import setting, volumes
from reportgen.publish.pdf.parts import Laid, PartTask, lay_out
from reportgen.scratch import scratch_in, shared
from tests.publish.small import INFO, ROWS

MM = 96 / 25.4  # CSS pixels


@pytest.mark.parametrize(("paper", "width"), [("A4", 210), ("letter", 215.9)])
def test_a_column_is_as_wide_as_its_paper_leaves(paper: str, width: float) -> None:
    with setting.setting(paper) as common:
        inside = (width - 2 * 18 - 3.4) * MM - 4  # margins, the card's own inset and its bar
        assert common.width == pytest.approx(inside, abs=1)
        rightward, leftward = common.styles
        assert (rightward["direction"], leftward["direction"]) == ("ltr", "rtl")
        assert rightward["font_family"] == leftward["font_family"]


def test_fonts_lie_in_the_scratch_while_they_are_used(tmp_path: Path) -> None:
    before = tempfile.tempdir
    with scratch_in(tmp_path):
        with shared("A4", partial(setting.setting, "A4")):
            pass
        assert tempfile.tempdir == before
        assert len(list(tmp_path.glob(".work-*/weasyprint-*/*"))) == 5
    assert not list(tmp_path.iterdir())


def test_a_paper_is_set_up_once_and_parts_are_the_same_as_when_each_sets_up_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    laid: list[tuple[PartTask, bytes]] = []
    specimen = setting.specimen

    def counted(page: str, folder: Path, images: Mapping[str, Any]) -> Any:
        made.append(page)
        return specimen(page, folder, images)

    def kept(task: PartTask) -> Laid:
        part = lay_out(task)
        laid.append((task, part.pdf))
        return part

    monkeypatch.setattr(setting, "specimen", counted)
    monkeypatch.setattr(volumes, "lay_out", kept)
    monkeypatch.setattr(volumes, "FEW", 1)
    monkeypatch.setattr(volumes, "PART", 2)
    table = tmp_path / "p.parquet"
    write_predictions(table, INFO, ROWS)
    pipeline.render(table, ReportOptions(), pipeline.Workspace(tmp_path), pipeline.Execution(1))
    assert len(made) == 1
    assert sum(task.cards is not None for task, _ in laid) >= 4
    with scratch_in(tmp_path):
        for task, pdf in reversed(laid):  # after others, so with other words measured before
            assert lay_out(task).pdf == pdf
    assert len(made) == 2
    for task, pdf in laid:
        assert lay_out(task).pdf == pdf  # without a scratch, so with fonts of its own
    assert len(made) == 2 + len(laid)
