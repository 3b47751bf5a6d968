"""Predict with a transformer of Hugging Face; the only package that imports transformers."""
