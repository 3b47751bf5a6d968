"""A page and the folder of its pictures in, a PDF out. The only file that knows WeasyPrint."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reportgen.errors import DependencyError, RenderError

__all__ = ["AttachedFile", "write_pdf"]


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
    """Keeps what WeasyPrint logs, so that a missing picture is an error and not a gap."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if HARMLESS not in line:
            self.lines.append(line)


def write_pdf(
    page: str, folder: Path, target: Path, attachments: Sequence[AttachedFile], time: datetime
) -> None:
    """Lay out the page and write it; links and pictures are found in ``folder`` alone.

    Raises:
        DependencyError: the system libraries of WeasyPrint are missing.
        RenderError: WeasyPrint failed or found something missing.
    """
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except OSError as error:
        raise DependencyError(
            f"WeasyPrint needs Pango, which is missing ({str(error).splitlines()[0]});"
            " on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0;"
            " on macOS: brew install pango"
        ) from error

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
        )
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise RenderError(f"WeasyPrint failed: {type(error).__name__}: {error}") from error
    finally:
        logger.removeHandler(heard)
        logger.propagate = propagate
    if heard.lines:
        raise RenderError(f"WeasyPrint: {heard.lines[0]}")
