"""Say which labels of data stand for which classes of a model, where they are spelled otherwise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

__all__ = ["REMEDY", "spellings"]

GENERIC = re.compile(r"LABEL_\d+")  # the name of a class that was given none
REMEDY = "say what the model's classes are called in the data, in their order: --classes NAME,NAME"


def spellings(classes: Sequence[str]) -> dict[str, str]:
    """Return the class that a label stands for, by the label in lower case.

    Case makes no difference where the classes differ in more than case. A number is the place
    of a class, from 0, unless the names hold numbers of their own ("3 stars"); false and true are
    the first and the second of two.
    """
    folded = Counter(name.casefold() for name in classes)
    known = {name.casefold(): name for name in classes if folded[name.casefold()] == 1}
    numbered = any(map(str.isdigit, "".join(classes)))
    if not numbered or all(map(GENERIC.fullmatch, classes)):
        known |= {str(place): name for place, name in enumerate(classes)}
        if len(classes) == 2:
            known |= {"false": classes[0], "true": classes[1]} | known
    return known
