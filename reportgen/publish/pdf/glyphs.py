"""Find the characters of a PDF that no installed font has, before its notes are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime

from reportgen.characters import space_marks
from reportgen.executors import Executor
from reportgen.publish.html.templates import render
from reportgen.publish.pdf.document import Document, write_pdf
from reportgen.publish.pdf.volumes import volumes
from reportgen.publish.report import Report
from reportgen.scratch import scratch_folder

__all__ = ["lacking", "unprintable"]

# What the fonts of the templates have, beside Latin-1.
LATIN = frozenset(map(chr, range(0x100))).union("Œœıˆ˚˜–—‘’‚“”„•…‹›⁄€™↑↓−∕")
JOINED = ("Mn", "Me", "Mc")  # categories of marks, which are written on another character


def unprintable(report: Report) -> frozenset[str]:
    """Return the characters of the PDF's examples and classes that no installed font has.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: a page of these characters cannot be laid out.
        ExecutorError: a worker died.
    """
    planned = volumes(report.sections, report.options.pdf_examples)
    texts = report.rows.texts(i for volume in planned for i in volume.indices)
    return lacking(frozenset().union(*texts, *report.info.classes), report.executor)


def lacking(characters: Collection[str], executor: Executor) -> frozenset[str]:
    """Return those characters that no installed font and none of the templates has.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: a page of these characters cannot be laid out.
        ExecutorError: a worker died.
    """
    odd = sorted(c for c in set(characters) - LATIN if not _blank(c))
    if not odd:
        return frozenset()
    marked = [f"o{c}" if unicodedata.category(c) in JOINED else c for c in odd]
    (found,) = executor.map(_boxes, [render("pdf/glyphs.j2", {"characters": marked})])
    return found.intersection(odd)


def _boxes(page: str) -> frozenset[str]:
    """Return the characters of a page that are drawn as boxes, where the PDF is laid out."""
    with scratch_folder() as folder:
        document = Document(page, folder, {}, (), datetime.now(UTC))
        return write_pdf(document, folder / "glyphs.pdf", tagged=False)


def _blank(character: str) -> bool:
    """Say whether a character has no ink, so that no font needs to have it."""
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Zs")
    return hidden or space_marks(character) is not None
