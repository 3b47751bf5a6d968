"""Draw a chart into a page of WeasyPrint: its lines by WeasyPrint, its texts as texts.

matplotlib writes each letter of a chart as a path, so that a browser needs no font. Here the texts
are taken out and written in the page's own font: they can be searched and copied, and the chart
takes half of the space and a tenth of the time.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from weasyprint.images import SVGImage

from reportgen.figures.palette import RGB
from reportgen.publish.pdf.document import BASE
from reportgen.publish.pdf.shaping import Shaper, Writer, draw_emojis

__all__ = ["chart_images"]

PART = re.compile(
    r'<g id="(?P<part>ytick|legend|axes|matplotlib\.axis)_\d+">'
    r"|<!-- (?P<text>[^\n]*) -->\s*"
    r'<g style="fill: #(?P<color>[0-9a-f]{6})" transform="'
    r"translate\((?P<x>[-\d.]+) (?P<y>[-\d.]+)\)(?: rotate\((?P<turn>[-\d.]+)\))?"
    r' scale\((?P<scale>[\d.]+) -[\d.]+\)">'
    r"(?P<letters>(?:(?!</g>).)*)</g>",
    re.DOTALL,
)
LETTER = re.compile(r'<path id="([^"]*)" d="([^"]*)" transform="scale\(0\.015625\)"/>')
USE = re.compile(r'<use xlink:href="#([^"]*)"(?: transform="translate\(([\d.]+) [-\d.]+\)")?/>')
USED, KNOWN = re.compile(r'xlink:href="#([^"]*)"'), re.compile(r'id="([^"]*)"')
ESCAPED = "- -"  # of "--", which cannot stand in a comment
UNITS, PATH_UNITS = 100, 6400  # of a text's moves and of a letter's path, for the size of the font
BEARING = 0.07  # of the size: what is free behind a letter
WIDER = 1.1  # DejaVu Sans, in which the chart was laid out, beside the page's font
START, MIDDLE, END = 0.0, 0.5, 1.0  # where a text keeps its place
ALIGNED = {"ytick": END, "legend": START, "axes": MIDDLE, "matplotlib.axis": MIDDLE}


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a chart: where it begins, how it is turned (degrees), how wide it was.

    ``aligned`` is the part of the width that lies before what keeps its place.
    """

    text: str
    x: float
    y: float
    turn: float
    size: float
    width: float
    color: RGB
    aligned: float


def chart_images(folder: Path) -> dict[str, Any]:
    """Return the charts in the assets of a run folder, by their addresses on a page."""
    shaper = Shaper()
    return {
        f"{BASE}assets/{path.name}": _ChartImage(path.read_text("utf-8"), shaper)
        for path in sorted((folder / "assets").glob("*-light.svg"))
    }


class _ChartImage:
    """What WeasyPrint takes for an image: it has a size and draws itself into a page."""

    def __init__(self, svg: str, shaper: Shaper) -> None:
        lines, self._texts = _apart(svg)
        self._lines = SVGImage(ElementTree.fromstring(lines), BASE, None, None)
        self._shaper = shaper
        _, _, self._width, self._height = self._lines._svg.get_viewbox()

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Return width and height in CSS pixels, and their ratio."""
        size: tuple[float, float, float] = self._lines.get_intrinsic_size(resolution, font_size)
        return size

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Write lines and texts into the page."""
        with stream.stacked():
            self._lines.draw(stream, width, height, style)
        self._shaper.begin(stream, style)
        stream.transform(a=width / self._width, d=height / self._height)
        for text in self._texts:
            self._write(stream, style, text)

    def _write(self, stream: Any, style: Any, text: _Text) -> None:
        size = text.size * WIDER
        shaped = self._shaper.sized(text.text, size)
        left = text.aligned * (text.width - self._shaper.width(text.text, size))
        turn = math.radians(text.turn)
        a, b = math.cos(turn), math.sin(turn)
        with stream.stacked():
            stream.transform(a, b, -b, a, text.x, text.y)
            written = Writer()
            written.move(left, 0)
            written.show(shaped, text.color)
            stream.stream.extend(written.operators())
            if shaped.emojis:
                draw_emojis(stream, style, (left, 0, self._shaper.scale(size)), shaped)


def _apart(svg: str) -> tuple[str, list[_Text]]:
    """Return a chart without its texts, and these; all stay in it where letters would be missing.

    A text that is not understood stays; its letters may have been drawn with one before it.
    """
    lines = PART.sub(lambda match: match[0] if match["part"] else "", svg)
    missing = set(USED.findall(lines)) - set(KNOWN.findall(lines))
    texts = list(_texts(svg))
    if missing or any(ESCAPED in text.text for text in texts):
        return svg, []
    return lines, texts


def _texts(svg: str) -> Iterator[_Text]:
    ends = {name: _right_end(path) / PATH_UNITS for name, path in LETTER.findall(svg)}
    aligned = MIDDLE
    for match in PART.finditer(svg):
        if match["part"]:
            aligned = ALIGNED[match["part"]]
            continue
        size = float(match["scale"]) * UNITS
        last, move = USE.findall(match["letters"])[-1]
        yield _Text(
            text=html.unescape(match["text"]),
            x=float(match["x"]),
            y=float(match["y"]),
            turn=float(match["turn"] or 0),
            size=size,
            width=size * (float(move or 0) / UNITS + ends[last] + BEARING),
            color=_color(match["color"]),
            aligned=aligned,
        )
        if aligned == END:  # the name of the axis follows, in its middle
            aligned = MIDDLE


def _right_end(path: str) -> float:
    """Return the largest x of a path, in which x and y take turns."""
    return max(map(float, re.findall(r"-?\d+", path)[::2]), default=0.0)


def _color(digits: str) -> RGB:
    red, green, blue = bytes.fromhex(digits)
    return red / 255, green / 255, blue / 255
