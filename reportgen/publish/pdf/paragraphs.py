"""Lay out a paragraph of any script by Pango, and part its lines by the pieces of the text.

Pango orders letters, joins them and breaks lines; each line's glyphs are then parted into runs of
one piece each, which ``shaping.shaped`` draws as WeasyPrint draws a line. Uses interfaces of
WeasyPrint that ``shaping.available`` checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from types import SimpleNamespace
from typing import Any

from weasyprint.text import line_break
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango

from reportgen.publish.pdf.lines import Line, Part, Run
from reportgen.publish.pieces import Piece

__all__ = ["laid_out"]


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """What WeasyPrint's drawing of a line asks of a layout: one line of one run.

    ``layout`` is Pango's, which owns the glyphs.
    """

    layout: Any
    text: str
    runs: Any

    def get_first_line(self) -> tuple[Any, None]:
        """Return the run as a line without a successor."""
        return self, None


def laid_out(parts: Sequence[Part], width: float, style: Any) -> Iterator[Line]:
    """Yield the lines of a paragraph that are no wider than ``width``.

    ``style`` is WeasyPrint's; its direction is that of the paragraph. Lines of a text that runs
    leftward end at the right edge.
    """
    texts = [re.sub(r"\s+", " ", text) for text, _ in parts]
    owners = [
        piece
        for text, (_, piece) in zip(texts, parts, strict=True)
        for _ in range(len(text.encode()))
    ]  # of each byte
    layout = line_break.Layout(style)
    pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    pango.pango_layout_set_width(layout.layout, int(width * TO_UNITS))
    pango.pango_layout_set_wrap(layout.layout, pango.PANGO_WRAP_WORD_CHAR)
    layout.set_text("".join(texts))
    leftward, number = style["direction"] == "rtl", 0
    while (line := pango.pango_layout_get_line_readonly(layout.layout, number)) != ffi.NULL:
        long, height = line_break.line_size(line, style)
        x, runs = width - long if leftward else 0.0, []
        for run in _runs(line, layout, owners):
            run.x = x
            x += run.width
            runs.append(run)
        yield Line(runs, height)
        number += 1


def _runs(line: Any, layout: Any, owners: Sequence[Piece]) -> Iterator[Run]:
    """Yield the runs of a line from left to right, x not set."""
    node = line.runs
    while node != ffi.NULL:
        glyphs = _glyphs(node.data)
        node = node.next
        at = 0
        for _, neighbours in groupby(glyphs, lambda glyph: id(owners[glyph.start])):
            end = at + len(list(neighbours))
            yield from _parted(_part(glyphs[at:end], layout), glyphs[at:end], owners)
            at = end


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A glyph of an item, and the bytes of the text that its cluster stands for."""

    item: Any
    info: Any
    start: int
    end: int

    @property
    def width(self) -> float:
        return float(self.info.geometry.width * FROM_UNITS)

    @property
    def leftward(self) -> bool:
        return bool(self.item.analysis.level % 2)


@lru_cache(maxsize=4)
def _coded(text: str) -> bytes:
    return text.encode()


def _glyphs(glyph_item: Any) -> list[_Glyph]:
    """Return the glyphs of an item of Pango's, from left to right."""
    item, glyphs = glyph_item.item, glyph_item.glyphs
    starts = glyphs.log_clusters[0 : glyphs.num_glyphs]
    followed = dict(pairwise([*sorted(set(starts)), item.length]))
    return [
        _Glyph(item, glyphs.glyphs[i], item.offset + start, item.offset + followed[start])
        for i, start in enumerate(starts)
    ]


def _part(glyphs: Sequence[_Glyph], layout: Any) -> _Glyphs:
    """Return neighbouring glyphs of one item as an item of its own."""
    start, end = min(g.start for g in glyphs), max(g.end for g in glyphs)
    item = SimpleNamespace(offset=start, length=end - start, analysis=glyphs[0].item.analysis)
    string = SimpleNamespace(
        glyphs=[g.info for g in glyphs],
        num_glyphs=len(glyphs),
        log_clusters=[g.start - start for g in glyphs],
    )
    data = SimpleNamespace(item=item, glyphs=string)
    runs = [SimpleNamespace(data=data, next=ffi.NULL)]
    return _Glyphs(layout.layout, layout.text, runs)


def _parted(drawn: _Glyphs, glyphs: Sequence[_Glyph], owners: Sequence[Piece]) -> Iterator[Run]:
    """Yield a run that draws glyphs, and one without text for each further piece of its end.

    Letters of several pieces that are drawn as one, a ligature, share its width.
    """
    start, end = min(g.start for g in glyphs), max(g.end for g in glyphs)
    text = _coded(drawn.text)[start:end].decode()
    last = [g for g in glyphs if g.end == end]
    shared = list(dict.fromkeys(map(id, owners[last[0].start : end])))
    total = sum(g.width for g in glyphs)
    spelled = len({g.start for g in glyphs}) == len(glyphs)
    runs = [Run(owners[start], text, 0.0, total, drawn, start, spelled)]
    if len(shared) > 1:
        width = sum(g.width for g in last) / len(shared)
        runs[0].width -= width * (len(shared) - 1)
        by_id = {id(piece): piece for piece in owners[last[0].start : end]}
        runs += [Run(by_id[key], "", 0.0, width, None, start) for key in shared[1:]]
    yield from reversed(runs) if glyphs[0].leftward else runs
