"""Show where a text classifier is wrong: galleries of attention heatmaps, as HTML and PDF."""

__version__ = "0.1.0"
__all__ = ["__version__"]
