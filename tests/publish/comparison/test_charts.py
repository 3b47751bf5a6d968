"""Which charts a comparison has, and which differences they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reportgen.analysis.comparison import Comparison
from reportgen.figures.charts import Theme
from reportgen.publish.comparison.charts import charts, write_charts
from tests.analysis.tables import compared, drawn, rows

GOLD, FIRST, SECOND = drawn(80, seed=4)
STEMS = ["differences", "reliability", "coverage", "slices"]


def stems(found: Comparison) -> list[str]:
    return [chart.stem for chart in charts(found)]


def test_two_runs_have_every_chart_in_both_themes(tmp_path: Path) -> None:
    found = compared(tmp_path, rows(GOLD, FIRST), rows(GOLD, SECOND))
    (tmp_path / "assets").mkdir()
    figures = write_charts(found, tmp_path)
    assert [figure.stem for figure in figures] == STEMS
    assert sorted(file.name for file in (tmp_path / "assets").iterdir()) == sorted(
        f"{stem}-{theme}.svg" for stem in STEMS for theme in ("dark", "light")
    )
    assert all(figure.title and figure.reading and figure.alt for figure in figures)


def test_without_labels_or_differences_there_is_no_chart(tmp_path: Path) -> None:
    bare: list[int | None] = [None] * 80
    assert stems(compared(tmp_path, rows(bare, FIRST), rows(bare, SECOND))) == []
    assert stems(compared(tmp_path, rows(GOLD, FIRST), rows(GOLD, FIRST))) == []


def test_groups_are_drawn_of_two_runs_alone(tmp_path: Path) -> None:
    three = [rows(GOLD, p) for p in (FIRST, SECOND, FIRST)]
    assert stems(compared(tmp_path, *three)) == STEMS[:3]
    few = [rows(GOLD[:20], p[:20]) for p in (FIRST, SECOND)]
    assert stems(compared(tmp_path, *few)) == STEMS[:3], "no group has thirty examples"


def test_the_forest_turns_losses_and_leaves_out_other_scales(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reportgen.figures import comparison

    taken: list[Any] = []
    monkeypatch.setattr(comparison, "forest", lambda *given: taken.append(given) or b"")
    found = compared(tmp_path, rows(GOLD, FIRST), rows(GOLD, SECOND))
    theme: Theme | None = None
    for chart in charts(found):
        if chart.stem in ("differences", "slices"):
            chart.draw(theme)  # type: ignore[arg-type]
    (measures, letters, _), (groups, _, _) = taken
    assert letters == ["A", "B"]
    by_title = {row.label: row for row in measures}
    assert "Log loss" not in by_title
    brier = next(d for d in found.differences if d.key == "brier")
    row = by_title["Brier score"]
    assert (row.value, row.low, row.high) == (-brier.value, -brier.high, -brier.low)
    accuracy = next(d for d in found.differences if d.key == "accuracy")
    assert by_title["Accuracy"].value == accuracy.value
    assert by_title["Accuracy"].marked == (accuracy.adjusted < 0.05)
    assert [g.value for g in groups] == sorted(g.value for g in groups)
    assert {g.label for g in groups} <= {
        f"{s.group}: {s.name} ({s.count})".replace(" %", "\N{NO-BREAK SPACE}%")
        for s in found.slices
    }
