"""Prepare what documents of one paper are set with, once for a process.

WeasyPrint is asked how wide a column is and what its fonts are, by a page with nothing but two
texts on it. Reading fonts and styles takes as long as laying out a few pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reportgen.publish.html.styles import copy_styles
from reportgen.publish.html.templates import render
from reportgen.publish.pdf.document import BASE, specimen, temporary_files_in, vector_cells
from reportgen.scratch import scratch_folder

__all__ = ["Setting", "setting"]

SPECIMENS = (f"{BASE}rightward", f"{BASE}leftward")


@dataclass(frozen=True, slots=True)
class Setting:
    """What documents of one paper share.

    ``width`` is that of a column in CSS pixels; ``styles`` are WeasyPrint's of texts that run
    rightward and leftward; ``texts`` and ``cells`` are what was ``Measured`` in the fonts of both.
    """

    fonts: Any = None
    width: float = 0.0
    styles: tuple[Any, Any] = (None, None)
    texts: Any = None
    cells: Any = None


class _Specimen:
    """An image that notes the width that a page gives it, and in which style."""

    width: float
    style: Any

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        return 100.0, 1.0, 100.0

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        self.width, self.style = width, style


@contextmanager
def setting(paper: str) -> Iterator[Setting]:
    """Read the styles and fonts of a paper, and keep them while in this context.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: WeasyPrint cannot lay out a page in these styles.
    """
    if not vector_cells():
        yield Setting()
        return
    from reportgen.publish.pdf.shaping import Measured

    with scratch_folder() as folder:
        copy_styles(folder)
        rightward, leftward = _Specimen(), _Specimen()
        values = {"rightward": SPECIMENS[0], "leftward": SPECIMENS[1], "paper": paper}
        page = render("pdf/specimen.j2", values)
        with temporary_files_in(folder):
            fonts = specimen(page, folder, dict(zip(SPECIMENS, (rightward, leftward), strict=True)))
        styles = rightward.style, leftward.style
        yield Setting(fonts, rightward.width, styles, Measured(), Measured())
