"""Bring transformers, attributions and data frames into the table, beside the classifier."""
