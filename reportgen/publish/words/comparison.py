"""What a comparison of runs says: its headline, what follows from it, the rows of its tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reportgen.analysis.comparison import (
    ALPHA,
    Comparison,
    Difference,
    Outcomes,
    SliceDifference,
)
from reportgen.analysis.intervals import LEAST
from reportgen.publish.words.measures import difference
from reportgen.publish.words.numbers import counted, listed, percent, small, verb

__all__ = ["BALANCED", "groups", "headline", "lede", "outcome_note"]


BALANCED = "macro_recall"  # the same as the balanced accuracy, which is told
NAMES = ("Brier", "Matthews")
MANY = 4  # runs held against A; of so many the tables tell what each breaks and fixes


def headline(found: Comparison) -> str:
    """Say whether the runs differ beyond chance, and by how much they may."""
    if all(found.identical):
        return _identical(found)
    labelled = found.matched.labelled
    if not labelled:
        return _unlabelled(found)
    accuracies = [of["accuracy"].value for of in found.measures]
    if labelled < LEAST:
        given = (
            " and ".join(map(percent, accuracies)) if len(accuracies) == 2 else _range(accuracies)
        )
        return (
            f"{_examples(found)} {verb(labelled, 'is', 'are')} too few to tell the runs apart:"
            f" accuracy {given}"
        )
    if len(accuracies) == 2:
        return _pair(found, accuracies)
    if found.seeds:
        spread = next(s for s in found.seeds if s.key == "accuracy")
        return (
            f"{len(accuracies)} runs that differ by their seed: mean accuracy"
            f" {percent(spread.mean)}, standard deviation {_points(spread.deviation)}, on"
            f" {_examples(found)}"
        )
    return _several(found, accuracies)


def _identical(found: Comparison) -> str:
    runs = "both runs" if len(found.names) == 2 else f"all {len(found.names)} runs"
    return f"The same predictions: {runs} give {_examples(found, len(found))} equal probabilities"


def _unlabelled(found: Comparison) -> str:
    runs = "Both runs" if len(found.names) == 2 else f"All {len(found.names)} runs"
    return (
        f"{runs} give the same answer to {found.agreed:,} of"
        f" {counted(len(found), 'unlabelled example')}"
    )


def _pair(found: Comparison, accuracies: Sequence[float]) -> str:
    one = accuracy_of(found, 1)
    first, second = map(percent, accuracies)
    amount, between = difference("accuracy", one.value, (one.low, one.high))
    if one.p < ALPHA:
        word = "better" if one.value > 0 else "worse"
        return (
            f"B is {word} than A beyond chance: accuracy {second} against {first}, {amount} (95 %"
            f" interval {between}), on {_examples(found)}"
        )
    return (
        f"No difference in accuracy beyond chance: {first} (A) and {second} (B) on"
        f" {_examples(found)}; {_may_be(one)}"
    )


def _may_be(one: Difference) -> str:
    """Say how far a difference that is not beyond chance may go either way."""
    worse, better = _points(-one.low), _points(one.high)
    if not one.low:
        return f"B may be as good as A, or up to {better} better"
    if not one.high:
        return f"B may be as good as A, or up to {worse} worse"
    return f"B may be up to {worse} worse or up to {better} better"


def _several(found: Comparison, accuracies: Sequence[float]) -> str:
    parts = []
    for word, sign in (("better", 1), ("worse", -1)):
        letters = [
            found.letters[d.run]
            for d in found.differences
            if d.key == "accuracy" and d.adjusted < ALPHA and d.value * sign > 0
        ]
        if letters:
            parts.append(f"{listed(letters)} {verb(len(letters), 'is', 'are')} {word}")
    said = f"{' and '.join(parts)} than A" if parts else "none differs from A"
    return (
        f"Of {len(accuracies)} runs on {_examples(found)} {said} beyond chance: accuracy"
        f" {percent(accuracies[0])} (A), {_range(accuracies[1:])} (the others)"
    )


def _range(values: Sequence[float]) -> str:
    low, high = percent(min(values)), percent(max(values))
    return low if low == high else f"{low} to {high}"


def _points(share: float) -> str:
    return difference("accuracy", share, (0.0, share))[0].lstrip("+")


def _examples(found: Comparison, number: int | None = None) -> str:
    """Count the examples that a sentence is about; by default those with a label."""
    matched = found.matched
    kind = "" if matched.whole else "shared "
    if number is None and matched.labelled < matched.shared:
        kind = f"labelled {kind}"
    return counted(matched.labelled if number is None else number, f"{kind}example")


def accuracy_of(found: Comparison, run: int) -> Difference:
    """Return the difference in accuracy of a run."""
    return next(d for d in found.differences if d.run == run and d.key == "accuracy")


def lede(found: Comparison) -> str:
    """Say which examples are compared, and what else follows."""
    parts = [*_matched(found)]
    if not all(found.identical):
        parts.append(_same_as_first(found))
        if len(found.outcomes) < MANY:
            parts += [outcome_note(found, pair) for pair in found.outcomes]
        if found.matched.labelled >= LEAST:
            parts += [*_measures(found), *_slices(found)]
        elif found.matched.labelled:
            parts.append(f"At least {LEAST} labelled examples are needed to draw a conclusion.")
        parts.append(_right_in(found))
    parts.append(_seeds(found))
    return " ".join(filter(None, parts))


def _matched(found: Comparison) -> Iterator[str]:
    """Say which examples are compared, and which are left out."""
    matched = found.matched
    runs = "both runs" if len(found.names) == 2 else f"all {len(found.names)} runs"
    if matched.whole:
        yield f"{runs[0].upper()}{runs[1:]} have the same examples, by id and text."
    else:
        counts = zip(matched.examples, found.letters, strict=True)
        of = listed([f"{count:,} in {letter}" for count, letter in counts])
        yield (
            f"Compared {verb(matched.shared, 'is', 'are')} the"
            f" {counted(matched.shared, 'example')} that {runs} have, by id and text, of {of}."
        )
    if matched.other_text:
        number = matched.other_text
        yield (
            f"{counted(number, 'id')} of {runs} {verb(number, 'has', 'have')} another text in one"
            f" of them and {verb(number, 'is', 'are')} left out."
        )
    if matched.other_label:
        number = matched.other_label
        yield (
            f"{counted(number, 'example')} {verb(number, 'has', 'have')} another label in one of"
            f" them and {verb(number, 'is', 'are')} left out."
        )
    if matched.borrowed:
        labels = counted(matched.borrowed, "label")
        yield f"{labels} {verb(matched.borrowed, 'is', 'are')} known from some of the runs only."
    bare = matched.shared - matched.labelled
    if bare and matched.labelled:
        count = verb(bare, "counts", "count")
        yield f"{counted(bare, 'example')} without a label {count} in no measure."


def _same_as_first(found: Comparison) -> str:
    letters = [
        letter for letter, same in zip(found.letters[1:], found.identical, strict=True) if same
    ]
    if not letters:
        return ""
    return f"{listed(letters)} {verb(len(letters), 'is', 'are')} the same predictions as A."


def outcome_note(found: Comparison, pair: Outcomes) -> str:
    """Say how many answers a run breaks and fixes, with the test of the two numbers."""
    if found.identical[pair.run - 1]:
        return ""
    right, wrong = pair.both_right + pair.broken, pair.fixed + pair.both_wrong
    text = (
        f"{found.letters[pair.run]} breaks {pair.broken:,} of the {right:,} that A gets right and"
        f" fixes {pair.fixed:,} of the {wrong:,} that A gets wrong"
    )
    if found.matched.labelled >= LEAST:
        corrected = f", {_p(pair.adjusted)} corrected" if len(found.outcomes) > 1 else ""
        text += f" (McNemar's exact test: {_p(pair.p)}{corrected})"
    if pair.changed:
        are = verb(pair.changed, "is", "are")
        text += f"; {pair.changed:,} {are} wrong in both, with another answer"
    return f"{text}."


def _p(p: float) -> str:
    shown = small(p)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"


def _measures(found: Comparison) -> Iterator[str]:
    """Name the other measures over all classes that differ beyond chance, of two runs."""
    if len(found.names) != 2:
        return
    told = ("accuracy", BALANCED)
    others = [d for d in found.differences if d.key not in told and "." not in d.key]
    known = [d for d in others if not math.isnan(d.p)]
    for word, sign in (("better", -1), ("worse", 1)):
        titles = [_in_sentence(d.title) for d in known if d.p < ALPHA and d.loss[0] * sign > 0]
        if titles:
            yield (
                f"B is {word} than A in {len(titles)} of {len(known)} other measures over all"
                f" classes, each by its own 95 % interval: {listed(titles)}."
            )
    if not any(d.p < ALPHA for d in known):
        yield f"None of {len(known)} other measures over all classes differs beyond chance."


def _in_sentence(title: str) -> str:
    """Return a title as it stands inside a sentence; abbreviations and names stay."""
    name, comma, _ = title.partition(", mean over classes")
    if not (name.split(" ")[0].isupper() or name.startswith(NAMES)):
        name = name[0].lower() + name[1:]
    return f"mean {name}" if comma else name


def groups(of: Sequence[SliceDifference]) -> int:
    """Count the groups of examples, in each of which every run may be held against the first."""
    return len({(s.group, s.name) for s in of})


def _slices(found: Comparison) -> Iterator[str]:
    """Say in how many groups the runs differ."""
    if not found.slices:
        return
    all_groups = counted(groups(found.slices), "group")
    differing = [s for s in found.slices if s.stands_out]
    if not differing:
        yield f"The runs differ beyond chance in none of {all_groups} of examples."
        return
    first = max(differing, key=lambda s: abs(s.value))
    amount, _ = difference("accuracy", first.value, first.interval)
    whose = "" if len(found.names) == 2 else f" ({found.letters[first.run]})"
    yield (
        f"The runs differ beyond chance in {groups(differing):,} of {all_groups} of examples"
        f" (corrected by Holm's method), most in {first.group} {first.name}: {amount}{whose}."
    )


def _right_in(found: Comparison) -> str:
    """Of three or more runs say how many examples all get right, and all get wrong."""
    if len(found.names) == 2 or not found.right_in:
        return ""
    one = found.right_in[1]
    return (
        f"All runs get {found.right_in[-1]:,} right and {found.right_in[0]:,} wrong;"
        f" {counted(one, 'example')} only one run gets right."
    )


def _seeds(found: Comparison) -> str:
    if not found.seed_numbers:
        return ""
    seeds = listed([str(seed) for seed in found.seed_numbers])
    return (
        f"The runs have the same data and settings and differ by their seed ({seeds}): their"
        " differences are what another seed makes."
    )
