"""Show where a text classifier is wrong: galleries of attention heatmaps, as HTML and PDF.

``import reportgen as rg`` loads nothing else: every name below is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reportgen.api.attributions import from_attributions, from_shap
    from reportgen.api.comparisons import Comparison, compare, open_comparison
    from reportgen.api.heatmaps import Heatmap, heatmap
    from reportgen.api.reports import Mistake, Report, open_report, render
    from reportgen.api.tables import Predictions, open_predictions, predict
    from reportgen.api.transformers import from_transformers
    from reportgen.errors import ReportgenError
    from reportgen.subwords import merge_subwords

__version__ = "0.1.0"
__all__ = [
    "Comparison",
    "Heatmap",
    "Mistake",
    "Predictions",
    "Report",
    "ReportgenError",
    "__version__",
    "compare",
    "from_attributions",
    "from_shap",
    "from_transformers",
    "heatmap",
    "merge_subwords",
    "open_comparison",
    "open_predictions",
    "open_report",
    "predict",
    "render",
]

_HOMES = {
    "reportgen.api.attributions": ("from_attributions", "from_shap"),
    "reportgen.api.comparisons": ("Comparison", "compare", "open_comparison"),
    "reportgen.api.heatmaps": ("Heatmap", "heatmap"),
    "reportgen.api.reports": ("Mistake", "Report", "open_report", "render"),
    "reportgen.api.tables": ("Predictions", "open_predictions", "predict"),
    "reportgen.api.transformers": ("from_transformers",),
    "reportgen.errors": ("ReportgenError",),
    "reportgen.subwords": ("merge_subwords",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name where it is first asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
