"""Runs without weights compare like others, but for shades and heatmaps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reportgen import comparing, pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import open_predictions
from tests.publish import weightless
from tests.publish.conftest import assert_links_resolve, body_of


@pytest.mark.parametrize("tokens", [True, False])
def test_nothing_is_drawn_and_nothing_led_to(tokens: bool, tmp_path: Path) -> None:
    one = weightless.write(tmp_path / "one.jsonl", tokens)
    other = tmp_path / "other.jsonl"
    # The second run gives every third example the other answer.
    lines = one.read_text().splitlines()
    for k in range(1, len(lines), 3):
        lines[k] = swapped(lines[k])
    other.write_text("\n".join(lines) + "\n")
    with open_predictions(other) as predictions:
        assert not predictions.weighted
    workspace = pipeline.Workspace(tmp_path / "reports")
    done = comparing.compare([one, other], ReportOptions(), workspace, pipeline.Execution(), [])
    page = body_of(done.folder / "index.html")
    assert "data-unweighted" in page
    assert "show-heatmap" not in page
    assert page.count("<article") > 5
    assert "heatmaps/" not in page
    assert not (done.folder / "heatmaps").exists()
    assert_links_resolve(done.folder)


def swapped(line: str) -> str:
    row = json.loads(line)
    row["probabilities"] = row["probabilities"][::-1]
    return json.dumps(row)
