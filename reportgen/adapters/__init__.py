"""Bring the predictions of other models into the table: left of it, beside the classifier."""
