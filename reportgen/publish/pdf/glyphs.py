"""Find the characters of a PDF that no installed font has, before its notes are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from reportgen.characters import space_marks
from reportgen.publish.archive import Run
from reportgen.publish.html.templates import render
from reportgen.publish.pdf.document import Document, write_pdf
from reportgen.publish.pdf.volumes import volumes
from reportgen.publish.report import Report

__all__ = ["lacking", "unprintable"]

# What the fonts of the templates have, beside Latin-1.
LATIN = frozenset(map(chr, range(0x100))).union("Œœıˆ˚˜–—‘’‚“”„•…‹›⁄€™↑↓−∕")
JOINED = ("Mn", "Me", "Mc")  # categories of marks, which are written on another character


def unprintable(report: Report) -> frozenset[str]:
    """Return the characters of the PDF's examples and classes that no installed font has.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
    """
    planned = volumes(report.sections, report.options.pdf_examples)
    texts = report.rows.texts(i for volume in planned for i in volume.indices)
    return lacking(frozenset().union(*texts, *report.info.classes), report.run)


def lacking(characters: Collection[str], run: Run) -> frozenset[str]:
    """Return those characters that no installed font and none of the templates has."""
    odd = sorted(c for c in set(characters) - LATIN if not _blank(c))
    if not odd:
        return frozenset()
    marked = [f"o{c}" if unicodedata.category(c) in JOINED else c for c in odd]
    page = render("pdf/glyphs.j2", {"characters": marked})
    target = run.folder / ".glyphs.pdf"
    try:
        found = write_pdf(Document(page, run.folder, {}, (), run.time), target, tagged=False)
    finally:
        target.unlink(missing_ok=True)
    return found.intersection(odd)


def _blank(character: str) -> bool:
    """Say whether a character has no ink, so that no font needs to have it."""
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Zs")
    return hidden or space_marks(character) is not None
