"""The versions of installed packages."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

__all__ = ["REPORT", "versions"]

REPORT = (  # what a report is made with; a predictions table says what predicted
    "reportgen", "click", "jinja2", "matplotlib", "numpy", "pyarrow", "scikit-learn", "scipy",
    "seaborn", "weasyprint",
)  # fmt: skip


def versions(packages: Iterable[str] = REPORT) -> dict[str, str]:
    """Return the versions of those packages that are installed, without importing them."""
    installed = {}
    for name in packages:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return installed
