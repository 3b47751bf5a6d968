"""Bring other models, attributions and data frames into the table: left of it, beside the classifier."""
