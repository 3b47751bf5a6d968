"""The gallery in one file: how large it may be and what it holds."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.errors import UsageError
from reportgen.publish.heatmaps import Drawn
from reportgen.publish.html import single
from reportgen.publish.html.inline import style
from reportgen.publish.html.single import LIMIT, check_size, write_single
from reportgen.publish.html.templates import TEMPLATES, single_policy
from reportgen.publish.summary import summarize
from tests.publish.small import ROWS, numbers, opened, row


def fits(lengths: list[int]) -> bool:
    try:
        check_size(np.array(lengths))
    except UsageError:
        return False
    return True


def test_what_is_too_large_is_refused_with_a_number_that_fits() -> None:
    assert fits([200] * 1000)
    assert not fits([200] * 5000)
    with pytest.raises(UsageError, match="--single-file") as refused:
        check_size(np.array([200] * 5000))
    examples, size, limit, fitting = numbers(str(refused.value))
    assert (examples, limit) == (5000, LIMIT / 1e6)
    assert size == pytest.approx((800_000 + 5000 * (800 + 200 * 42)) / 1e6, abs=0.5)
    assert fitting == (LIMIT - 800_000) // (800 + 200 * 42)
    assert fits([200] * int(fitting))
    assert not fits([200] * (int(fitting) + 1))


def test_the_length_of_the_texts_counts() -> None:
    assert fits([10] * 5000)
    assert not fits([10] * 2500 + [1000] * 2500)


def written(folder: Path, report: Any) -> dict[str, Any]:
    """What the template of the one file is given."""
    given: list[dict[str, Any]] = []
    (folder / "assets").mkdir()
    (folder / "assets" / "x-light.svg").write_text("<svg/>")

    def remember(template: str, values: dict[str, Any]) -> str:
        given.append(values)
        return "the page"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(single, "render", remember)
        write_single(report, summarize(report, (), Drawn(frozenset(), 0, 0)))
    assert (folder / "report.html").read_text() == "the page"
    return given[0]


def data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def test_the_one_file_holds_everything(tmp_path: Path) -> None:
    with opened(tmp_path) as report:
        values = written(tmp_path, report)
        order = report.indices
    inside = values["single"]
    assert inside["charts"] == {"x-light": data("image/svg+xml", b"<svg/>")}
    assert "pictures" not in inside  # its script draws the heatmaps
    index, cards, runs, texts, program = inside["scripts"]
    assert '"single":true' in index
    assert cards.startswith('(self.reportgen??=[]).push(["cards-0001",')
    assert cards.count('"shades"') == 9
    assert texts.startswith('(self.reportgen??=[]).push(["texts-0001",')
    assert runs.startswith('(self.reportgen??=[]).push(["runs",')
    assert "use strict" in program
    assert values["policy"] == single_policy(inside["style"], inside["scripts"])
    assert (values["number"], values["previous"], values["next"]) == (1, None, None)
    assert {section["page"] for section in values["sections"]} == {"report.html"}
    assert [len(cards) for _, cards in values["parts"]] == [2, 3, 4]
    assert [card.id for _, cards in values["parts"] for card in cards] == [
        ROWS[i].id for i in order
    ]


def test_styles_come_with_their_fonts() -> None:
    sheet = style()
    for name in ("report.css", "screen.css", "heatmaps.css"):
        first = (TEMPLATES / name).read_text().splitlines()[-1]
        assert first in sheet
    targets = re.findall(r"url\(([^)]*)\)", sheet)
    fonts = [target for target in targets if target.startswith("data:font/woff2;base64,")]
    assert len(fonts) == len(list((TEMPLATES / "fonts").glob("*.woff2")))
    assert not [target for target in targets if target.startswith("fonts/")]
    content = (TEMPLATES / "fonts" / "source-sans-3-latin-400-normal.woff2").read_bytes()
    assert data("font/woff2", content) in fonts


def test_cards_come_in_files_of_a_page(tmp_path: Path) -> None:
    rows = [row(f"r{i}", "bad", (0.9, 0.06, 0.04), ["a"]) for i in range(201)]
    with opened(tmp_path, rows) as report:
        scripts = written(tmp_path, replace(report))["single"]["scripts"]
    assert len(scripts) == 7  # the index, three of cards, the runs, the texts, the program
    assert [script.count('"shades"') for script in scripts[1:4]] == [100, 100, 1]
    assert ["cards-0001" in scripts[1], "cards-0003" in scripts[3]] == [True, True]
