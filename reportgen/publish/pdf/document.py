"""Lay out a page as a PDF. Only this folder knows WeasyPrint."""

from __future__ import annotations

import errno
import io
import logging
import mimetypes
import re
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reportgen.errors import DependencyError, RenderError
from reportgen.executors import without_collection
from reportgen.publish.pdf.forms import finish_fields
from reportgen.publish.pdf.structure import tidy

__all__ = [
    "BASE",
    "AttachedFile",
    "Document",
    "pango",
    "specimen",
    "temporary_files_in",
    "vector_cells",
    "write_pdf",
]

# Without this library WeasyPrint subsets fonts by another one, with the same result.
HARMLESS = "HarfBuzz-Subset"

# WeasyPrint names pictures by the hash of their address, so the address must not say in which
# folder a run is written. Nothing is ever asked of this host.
BASE = "https://report.invalid/"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that travels inside the PDF."""

    name: str
    content: bytes
    description: str


@dataclass(frozen=True, slots=True)
class Document:
    """A page, the folder that its styles and pictures lie in, and what travels inside the PDF.

    Links and pictures are found in ``folder`` alone, and under the addresses of ``images``, texts
    and heatmaps that draw themselves (``drawings``), in ``fonts`` where they were measured by them.
    ``variant`` is the standard that the PDF follows, one of ``PDF_VARIANTS``. With ``fields`` those
    of the page can be filled in.
    """

    page: str
    folder: Path
    images: Mapping[str, Any]
    attachments: Sequence[AttachedFile]
    time: datetime
    fonts: Any = None
    variant: str = "pdf/ua-1"
    fields: bool = False


class _Warnings(logging.Handler):
    """Keeps what WeasyPrint logs, so that a missing picture is an error and not a gap.

    Characters that no font has are kept apart: they are drawn as boxes, and named once.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.missing: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        glyph = re.match(r"\.notdef glyph .*\(U\+([0-9A-F]+)\)$", line, re.DOTALL)
        if glyph:
            self.missing.add(chr(int(glyph[1], 16)))
        elif HARMLESS not in line:
            self.lines.append(line)


@contextmanager
def _warnings() -> Iterator[_Warnings]:
    """Keep what WeasyPrint logs from the terminal, and collect it."""
    log, logger = _Warnings(), logging.getLogger("weasyprint")
    logger.addHandler(log)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield log
    finally:
        logger.removeHandler(log)
        logger.propagate = propagate


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Let WeasyPrint write its fonts into a folder that is ours to remove.

    It removes its own only when Python ends in peace.
    """
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:
        raise DependencyError(
            f"WeasyPrint needs Pango, which is missing ({str(error).splitlines()[0]});"
            " on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0;"
            " on macOS: brew install pango"
        ) from error
    return weasyprint


def pango() -> str:
    """Return the version of the library that shapes and breaks texts; "none" if it is missing."""
    try:
        _weasyprint()
    except DependencyError:
        return "none"
    from weasyprint.text.ffi import pango as library

    number = library.pango_version()
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


@lru_cache(maxsize=1)
def vector_cells() -> bool:
    """Say whether heatmaps can be drawn as cells with text; if not, pages show shaded text."""
    _weasyprint()
    try:
        from reportgen.publish.pdf.shaping import available
    except ImportError:
        return False
    return available()


def write_pdf(document: Document, target: Path, tagged: bool = True) -> frozenset[str]:
    """Lay out the document and write it; return the characters that no font has.

    A ``tagged`` one has a structure that a reader which speaks follows (PDF/UA-1).

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: WeasyPrint failed or found something missing.
    """
    with _errors() as log, temporary_files_in(document.folder), without_collection():
        _page(document.page, document.folder).write_pdf(
            target,
            attachments=[_attachment(file, document.time) for file in document.attachments],
            pdf_identifier=b"reportgen",
            pdf_variant=document.variant if tagged else None,
            pdf_tags=tagged,
            pdf_forms=document.fields,
            finisher=_finish,
            cache=dict(document.images),
            font_config=document.fonts,
        )
    return frozenset(log.missing)


def specimen(page: str, folder: Path, images: Mapping[str, Any]) -> Any:
    """Lay out a page for what its images note when they are drawn; return the fonts it loaded.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: WeasyPrint failed or found something missing.
    """
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    with _errors():
        _page(page, folder).write_pdf(io.BytesIO(), cache=dict(images), font_config=fonts)
    return fonts


def _page(text: str, folder: Path) -> Any:
    return _weasyprint().HTML(
        string=text, base_url=BASE, url_fetcher=_fetcher(folder), media_type="print"
    )


@contextmanager
def _errors() -> Iterator[_Warnings]:
    """Raise errors of WeasyPrint, and what it logs, as errors of this program."""
    try:
        with _warnings() as log:
            yield log
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        if _is_ours(error) or getattr(error, "errno", None) == errno.ENOSPC:  # the disk is full
            raise
        raise RenderError(f"WeasyPrint failed: {type(error).__name__}: {error}") from error
    if log.lines:
        raise RenderError(f"WeasyPrint: {log.lines[0]}")


def _finish(document: Any, pdf: Any) -> None:
    """Change what WeasyPrint is about to write."""
    tidy(document, pdf)
    finish_fields(document, pdf)


def _is_ours(error: BaseException) -> bool:
    """Say whether an error came from a line of this package that WeasyPrint had called."""
    _, _, *called = traceback.walk_tb(error.__traceback__)  # from ``_errors``, and from its user
    names = [str(frame.f_globals.get("__name__")) for frame, _ in called]
    last = [name for name in names if name.startswith(("reportgen.", "weasyprint."))][-1:]
    return any(name.startswith("reportgen.") for name in last)


def _attachment(file: AttachedFile, time: datetime) -> Any:
    return _weasyprint().Attachment(
        string=file.content,
        name=file.name,
        description=file.description,
        created=time,
        modified=time,
    )


def _fetcher(folder: Path) -> Any:
    """Return what opens the files of a run for WeasyPrint, and nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    root = folder.resolve()

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = (root / unquote(url.removeprefix(BASE))).resolve()
            if not url.startswith(BASE) or not path.is_relative_to(root):
                raise ValueError(f"not a file of the report: {url}")
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            content = path.read_bytes()
            if path.suffix == ".woff2":
                kind, content = "font/ttf", _unpacked(content)
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return Fetcher()


@lru_cache(maxsize=8)
def _unpacked(font: bytes) -> bytes:
    """Unpack a font; WeasyPrint would do that for every part of a document again."""
    from fontTools.ttLib import woff2

    unpacked = io.BytesIO()
    woff2.decompress(io.BytesIO(font), unpacked)
    return unpacked.getvalue()
