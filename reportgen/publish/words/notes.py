"""How to read a report: help, notes beside tables and headings, what a sample or a volume holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from reportgen.analysis.intervals import LEAST, LEAST_OF_CLASS
from reportgen.analysis.labels import MOST, ListPrecision
from reportgen.analysis.metrics import Quality
from reportgen.analysis.ordering import FEW, Section
from reportgen.analysis.performance import Performance
from reportgen.analysis.slices import Slice
from reportgen.analysis.words import LEAST as LEAST_OCCURRENCES
from reportgen.figures.scripts import packages
from reportgen.publish.words.numbers import counted, interval, percent, verb
from reportgen.publish.words.weights import ATTENTION, Terms

__all__ = [
    "classes",
    "classes_caption",
    "continued_from",
    "continued_on",
    "document",
    "few_words",
    "gallery_sample",
    "heading",
    "label_errors",
    "measures",
    "missing_columns",
    "missing_glyphs",
    "name_glyphs",
    "no_words",
    "predicted",
    "shared",
    "shown_of",
    "skipped",
    "slices",
    "too_few",
    "unlocated",
    "volume_heading",
    "words",
]

GLYPHS = 12  # missing characters that are named
NAMED = 12  # classes that are named


def gallery_sample(shown: int, examples: int, seed: int) -> str | None:
    """Say that the gallery shows a sample; None where it shows every example."""
    if shown == examples:
        return None
    return (
        f"The gallery shows {shown:,} of {examples:,} examples, drawn at random with seed {seed};"
        " the numbers above are computed on all of them."
    )


def classes(number: int, listed: int) -> str | None:
    """Say which of the classes are listed; None where all are."""
    if number <= listed:
        return None
    return f"The {listed} classes with the most examples, of {number:,}; metrics.json has all."


def classes_caption(performance: Performance) -> str:
    """Name the table of classes, which counts labelled examples alone."""
    return "By class, over the labelled examples" if performance.unlabelled else "By class"


def predicted(number: int, listed: int) -> str | None:
    """Say which of the predicted classes are listed; None where all are."""
    if number <= listed:
        return None
    return f"The {listed} most predicted classes, of {number:,}; metrics.json has all."


def measures(quality: Quality, many: bool, one: str = "example") -> str:
    """Explain the baseline, the intervals, and which classes the means rest on.

    With ``many`` classes their own measures are not listed.
    """
    text = "The measures of each class, with their intervals, stand in metrics.json. "
    text = (text if many else "") + (
        "Always predicting the most frequent class has an accuracy of"
        f" {percent(quality.majority)}. Intervals: Wilson, score interval of a proportion;"
        " Jeffreys, posterior of the confusion table, and the jackknife's where it is wider and a"
        " class has few examples; DeLong, delta and jackknife, on the logit scale; Hall, mean"
        " corrected for skewness; inverted test, the true errors that fit the measured one."
    )
    if len(quality.classes) > 2:
        text += " ROC-AUC and average precision are means over the classes, each against the rest."
    absent = [c.name for c in quality.classes if not c.support]
    few = [f"{c.name} ({c.support})" for c in quality.classes if 0 < c.support < LEAST_OF_CLASS]
    if absent:
        article = "an" if one.startswith("e") else "a"
        text += f" Without {article} {one} and left out of the means: {_listed(absent)}."
    if few:
        text += (
            f" Fewer than {LEAST_OF_CLASS} {one}s, so that the means are uncertain: {_listed(few)}."
        )
    return text


def _listed(names: list[str], between: str = ", ") -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return between.join(names[:NAMED]) + more


def label_errors(listed: int, quality: Quality, precision: ListPrecision | None) -> str:
    """Say how many labels are listed, by which method, and how precise such a list is."""
    are = verb(listed, "label is", "labels are")
    text = (
        f"{listed:,} {are} listed ({MOST} at most), found by confident learning (Northcutt et al."
        " 2021), the least probable first. Another class was predicted for each; that does not"
        " mean that the label is wrong."
    )
    if quality.interval[0] <= quality.majority < 1:
        text += (
            " By accuracy the model is not shown to be better than always predicting the most"
            " frequent class, so that its predictions say little against these labels."
        )
    if precision is None:
        return f"{text} How precise the list is cannot be estimated from so few examples."
    return (
        f"{text} Where {percent(precision.noise, 0)} of these labels were changed at random,"
        f" {percent(precision.precision, 0)} of the list were changed labels"
        f" ({interval(precision.precision_interval)}), and {percent(precision.found, 0)} of the"
        f" changed labels were listed ({interval(precision.found_interval)}, Wilson, over"
        f" {precision.seeds} repetitions)."
    )


def slices(tests: int, one: str = "example") -> str:
    """Say how groups are compared and how the smallest gap that can be found is computed."""
    return (
        f"Groups of {LEAST} or more {one}s against all others, if these are {LEAST} or more too,"
        f" by Fisher's exact test; p is corrected by Holm's method over {counted(tests, 'test')} (a"
        " group and its complement are one). The last column is the smallest gap below the others'"
        " accuracy that a group of this size would have shown with 80 % power, by the normal"
        " approximation to Fisher's test (Casagrande, Pike and Smith 1978) at 5 % divided by the"
        " number of tests."
    )


def too_few(examples: int, compared: Collection[Slice], one: str = "example") -> list[str]:
    """Say what is left out where the examples are few: groups, labels worth a second look."""
    lines = []
    if not compared:
        lines = [f"Groups are not compared: none has {LEAST} {one}s with {LEAST} others beside it."]
    if examples < LEAST:
        lines.append(f"Labels worth a second look are not named of fewer than {LEAST} {one}s.")
    return lines


def words(
    classes: int,
    listed: int,
    without: Collection[str] = (),
    weights: Terms = ATTENTION,
    wordless: int = 0,
) -> str | None:
    """Say of how many classes with frequent words the words are listed; None where of all.

    ``without`` names the rows that the table of words lacks; ``wordless`` classes have none.
    """
    texts = []
    if classes > listed:
        others = "metrics.json has the others"
        texts.append(f"Of {classes:,} classes the {listed} most predicted; {others}.")
    if without:
        none = (
            f"There no {weights.unit} occurs {LEAST_OCCURRENCES} times or more{_evenly(weights)}."
        )
        texts.append(f"Without a row: {_listed(list(without), '; ')}. {none}")
    if wordless:
        classes_have = "1 class has" if wordless == 1 else f"{wordless:,} classes have"
        texts.append(f"{classes_have} no {weights.units} in this table.")
    return " ".join(texts) or None


def _evenly(weights: Terms) -> str:
    return "" if weights.signed else ", with an even share of the attention or more"


def no_words(classes: Collection[str], weights: Terms = ATTENTION) -> list[str]:
    """Say why no words are listed, where no class has any that are frequent enough."""
    if classes:
        return []
    return [
        f"{weights.units.capitalize()} are not listed: none occurs {LEAST_OCCURRENCES} times or"
        " more in the examples of"
        f" one predicted class (right and wrong apart){_evenly(weights)}."
    ]


def few_words(least: int, english: bool, units: str = "words") -> str:
    """Say why the words stand in a table alone."""
    kinds = "punctuation and stop words" if english else "punctuation"
    return (
        f"The {units} are listed in a table and not drawn: fewer than {least} of those that are"
        f" frequent enough are other than {kinds}."
    )


def skipped(number: int, listed: int) -> str | None:
    """Say how many of the rows that were left out are not listed; None where all are."""
    if number <= listed:
        return None
    return f"{number - listed:,} more are listed in metrics.json."


def heading(section: Section, first: int, last: int, gallery: int, examples: int) -> str:
    """Say how many examples a section of the gallery has, which stand here, and in which order."""
    total = len(section)
    if not total:
        return f"none of {gallery:,}"
    text = f"{total:,} of {gallery:,}"
    if section.whole > total:
        text += f" in the sample, {section.whole:,} of {examples:,} in all"
    here = "all shown here" if (first, last) == (1, total) else f"{first:,} to {last:,} shown here"
    return f"{text}; {here}, {order(section)}"


def order(section: Section) -> str:
    """Say in which order a section stands."""
    return ("wrong before right, " if section.key == "unsure" else "") + "most confident first"


def shown_of(section: Section, first: int, last: int) -> str:
    """Say which examples of a section a volume shows: "5 of 12", "6 to 12 of 12"."""
    return (
        f"{last:,} of {len(section):,}"
        if first == 1
        else f"{first:,} to {last:,} of {len(section):,}"
    )


def volume_heading(section: Section, first: int, last: int, gallery: int) -> str:
    """Say which examples of a section stand in a volume, and in which order."""
    if not len(section):
        return f"none of {gallery:,}"
    return f"showing {shown_of(section, first, last)}, {order(section)}"


def document(
    volumes: int, shown: int, gallery: int, examples: int, seed: int, shares: str = ""
) -> str:
    """Say which examples the PDF shows, how its ``shares`` are, and where the others are."""
    text = "These volumes show" if volumes > 1 else "This document shows"
    if 1 < shown == examples:
        text += f" all {examples:,} examples"
    else:
        text += f" {shown:,} of {counted(examples, 'example')}"
    if gallery < examples:
        text += f", from a sample of {gallery:,} drawn at random with seed {seed}"
    if shown == gallery:
        return f"{text}. The HTML report shows the same ones."
    rest = "every one" if gallery == examples else "the whole sample"
    return f"{text}, of each section the first in its order. {shares} The HTML report shows {rest}."


def shares(places: int, labelled: bool) -> str:
    """Say how so many places of a PDF are shared out (``analysis.ordering.share_out``)."""
    room = f"It has room for {counted(places, 'example')}:"
    if not labelled:
        return (
            f"{room} half of it for confident predictions, the other half for unsure ones; what a"
            " section is too small to fill goes to the other."
        )
    few = max(places // FEW, 1)
    return (
        f"{room} at most {few:,} confidently right {verb(few, 'one', 'ones')}, which need a look"
        " least; half of the rest are for confident mistakes, the others shared evenly by the other"
        " sections. What one of these is too small to fill goes to the rest of them."
    )


def continued_from(page: int) -> str:
    """Say that a card goes on from an earlier page."""
    return f"continued from page {page}"


def continued_on(page: int) -> str:
    """Say that a card goes on over the page."""
    return f"continued on page {page}"


def missing_columns(missing: Mapping[str, str]) -> list[str]:
    """Name each optional column that the table lacks, with what the report lacks for it."""
    return [
        f"The predictions have no column “{name}”: {what} cannot be shown."
        for name, what in missing.items()
    ]


def unlocated(number: int, gallery: int) -> list[str]:
    """Say in how many examples of the gallery tokens have no place in their text, if in any."""
    if not number:
        return []
    return [
        f"In {number:,} of {counted(gallery, 'example')} of the gallery some tokens were not"
        " located in the text, such as special tokens or what a tokenizer changed: the heatmap"
        " shows them with their weights, the shaded text does not."
    ]


def shared(number: int, gallery: int) -> list[str]:
    """Say in how many examples of the gallery tokens share a piece of the text, if in any."""
    if not number:
        return []
    return [
        f"In {number:,} of {counted(gallery, 'example')} of the gallery tokens share a piece of the"
        " text, such as the bytes of one emoji: there the text is shaded by the sum of their"
        " weights, which may be more than the largest of one token."
    ]


def missing_glyphs(heatmaps: frozenset[str], pdf: frozenset[str] = frozenset()) -> list[str]:
    """Name the characters of the heatmaps' files and of the PDF that no font has, if any."""
    places = {
        "of the heatmaps and of the PDF": heatmaps & pdf,
        "of the heatmaps": heatmaps - pdf,
        "of the PDF": pdf - heatmaps,
    }
    return [
        f"No usable font is installed for {counted(len(glyphs), 'character')} {place}, where boxes"
        f" stand instead: {name_glyphs(glyphs, pictures=place == 'of the PDF')}."
        for place, glyphs in places.items()
        if glyphs
    ]


def name_glyphs(glyphs: Collection[str], pictures: bool = False) -> str:
    """Name characters by their code points, with the Debian package that has them.

    ``pictures`` says that a font of coloured pictures serves too, as it does in the PDF.
    """
    return ", ".join(
        f"{_points(found)} ({f'Debian package {name}' if name else 'no Debian package known'})"
        for name, found in packages(glyphs, pictures).items()
    )


def _points(glyphs: Sequence[str]) -> str:
    named = " ".join(f"U+{ord(glyph):04X}" for glyph in glyphs[:GLYPHS])
    return f"{named} and {len(glyphs) - GLYPHS} more" if len(glyphs) > GLYPHS else named
