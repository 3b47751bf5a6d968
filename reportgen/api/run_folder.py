"""What a finished report and a finished comparison have alike: a run folder that never changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reportgen.publish.verification import Difference, verify

__all__ = ["RunFolder"]


@dataclass(frozen=True, slots=True, repr=False)
class RunFolder:
    """A finished run in its run folder ``path``, which never changes.

    ``headline`` says what was found in one line; ``digest`` is the SHA-256 of the run's manifest.
    """

    path: Path
    headline: str
    digest: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline}, {self.path}>"

    @property
    def html(self) -> Path:
        """The first page of the gallery, to be opened in a browser."""
        return self.path / "index.html"

    @property
    def pdf(self) -> Path:
        """The reviewers' copy; further volumes of a report lie beside it."""
        return self.path / "report.pdf"

    def verify(self, digest: str | None = None) -> list[Difference]:
        """Compare every file with the manifest; an empty list means that all is as it was written.

        The manifest itself is held against ``digest``, or else against that of this object.

        Raises:
            ArchiveError: there is no manifest, or a file cannot be read.
        """
        return verify(self.path, digest or self.digest)
