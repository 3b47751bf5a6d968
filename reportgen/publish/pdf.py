"""A page and the folder of its pictures in, a PDF out. Only this and pdf_cells know WeasyPrint."""

from __future__ import annotations

import gc
import logging
import mimetypes
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reportgen.errors import DependencyError, RenderError
from reportgen.figures.layout import Band

__all__ = ["BASE", "AttachedFile", "vector_cells", "write_pdf"]


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
def _no_collection() -> Iterator[None]:
    """Keep Python from searching for garbage: layout makes millions of objects and little of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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


@lru_cache(maxsize=1)
def vector_cells() -> bool:
    """Say whether heatmaps can be drawn as cells with text; if not, pages show shaded text."""
    _weasyprint()
    try:
        from reportgen.publish.pdf_cells import available
    except ImportError:
        return False
    return available()


def write_pdf(
    page: str,
    folder: Path,
    target: Path,
    attachments: Sequence[AttachedFile],
    time: datetime,
    bands: Mapping[str, Band] | None = None,
) -> frozenset[str]:
    """Lay out the page and write it; return the characters that no font has.

    Links and pictures are found in ``folder`` alone, and under the addresses of ``bands``, parts
    of heatmaps, which are drawn as shaded cells with real text.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: WeasyPrint failed or found something missing.
    """
    weasyprint = _weasyprint()
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    drawn: dict[str, Any] = {}
    if bands:
        from reportgen.publish.pdf_cells import CellsImage, Shaper

        shaper = Shaper()
        drawn = {address: CellsImage(band, shaper) for address, band in bands.items()}
    root = folder.resolve()

    class Fetcher(URLFetcher):  # type: ignore[misc]
        """Opens files of the run, and nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            path = (root / unquote(url.removeprefix(BASE))).resolve()
            if not url.startswith(BASE) or not path.is_relative_to(root):
                raise ValueError(f"not a file of the report: {url}")
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    heard = _Warnings()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(heard)
    propagate, logger.propagate = logger.propagate, False
    try:
        with _no_collection():
            document = weasyprint.HTML(
                string=page, base_url=BASE, url_fetcher=Fetcher(), media_type="print"
            )
            document.write_pdf(
                target,
                attachments=[
                    weasyprint.Attachment(
                        string=file.content,
                        name=file.name,
                        description=file.description,
                        created=time,
                        modified=time,
                    )
                    for file in attachments
                ],
                pdf_identifier=b"reportgen",
                cache=drawn,
            )
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise RenderError(f"WeasyPrint failed: {type(error).__name__}: {error}") from error
    finally:
        logger.removeHandler(heard)
        logger.propagate = propagate
    if heard.lines:
        raise RenderError(f"WeasyPrint: {heard.lines[0]}")
    return frozenset(heard.missing)
