"""A trained attention classifier in, an archived HTML and PDF gallery of its predictions out."""

__version__ = "0.1.0"
__all__ = ["__version__"]
