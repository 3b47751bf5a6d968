"""Say what to do with data that are not one text with one label."""

from __future__ import annotations

__all__ = ["MULTI_LABEL", "PAIRS"]

PAIRS = (  # which the models here do not read
    "of a model of pairs of texts, write the predictions table by a program of yours, and report on"
    " it with reportgen render"
)
MULTI_LABEL = (  # what to do with labels that exclude no other
    "of a model that gives a text several labels, write one table for each label, with the classes"
    " no and yes and the probabilities [1 - p, p]"
)
