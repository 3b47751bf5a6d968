"""The versions of installed packages."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

__all__ = ["MODEL", "REPORT", "not_installed", "versions"]

MODEL = ("captum", "safetensors", "torch", "torchtext")  # what a table of predictions needs not
REPORT = (  # what a report is made with; a predictions table says what predicted
    "reportgen", "click", "jinja2", "matplotlib", "numpy", "pyarrow", "scikit-learn", "scipy",
    "seaborn", "weasyprint",
)  # fmt: skip


def not_installed(packages: Iterable[str]) -> list[str]:
    """Return those of the packages that cannot be found, without importing them."""
    return [name for name in packages if find_spec(name) is None]


def versions(packages: Iterable[str] = REPORT) -> dict[str, str]:
    """Return the versions of those packages that are installed, without importing them."""
    installed = {}
    for name in packages:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return installed
