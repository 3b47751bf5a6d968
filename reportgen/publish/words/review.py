"""Say what reviewers answered: the sentences of the summary beside a run.

They speak of the examples that were answered and no others, which are a chosen set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reportgen.analysis.faithfulness import Support
from reportgen.analysis.intervals import Interval, wilson_interval
from reportgen.analysis.reviews import Accuracy, ListFound, Opinion, Reviewed
from reportgen.publish.words.numbers import counted, interval, percent, verb
from reportgen.publish.words.opening import Fact
from reportgen.publish.words.questions import LABEL, PREDICTION, SHADING, Question
from reportgen.publish.words.raters import agreement_fact, few_examples

__all__ = [
    "OFFERED",
    "SENSELESS",
    "SPLIT",
    "WRONG",
    "accuracy",
    "answered",
    "errors",
    "facts",
    "headline",
    "is_tested",
    "lede",
    "rejected",
    "remarks",
    "second_look",
    "shaded",
    "shading",
    "shading_title",
    "tests",
    "votes",
]

LABEL_ANSWERS, SHADING_ANSWERS = LABEL.answers, SHADING.answers
WRONG, SENSELESS = LABEL_ANSWERS.index("wrong"), SHADING_ANSWERS.index("no")
TESTS = {  # the results of the removal test, of words, as the heads of the rows of a table
    Support.SUPPORTED: "matter more than random words",
    Support.UNSUPPORTED: "not shown to matter more",
    Support.UNTESTABLE: "could not be tested",
    None: "not tested",
}
FOUND_BY_TEST = {  # the same as verbs of "the shaded words"
    Support.SUPPORTED: "matter more than random words",
    Support.UNSUPPORTED: "were not shown to matter more",
    Support.UNTESTABLE: "could not be tested",
    None: "were not tested",
}
SPLIT = "no majority"
OFFERED = "–: a file that the page exported does not say which examples were offered."
CHOSEN = (
    "Reviewers choose which examples they answer, and a report does not show its examples in random"
    " order: the numbers below hold for the examples that they count and say nothing of the others."
)


def headline(found: Reviewed, reviewers: int, answered_: int, examples: int) -> str:
    """Say how many reviewers answered, on how many examples, and what they find wrong."""
    text = f"{counted(reviewers, 'reviewer')} on {answered_:,} of {counted(examples, 'example')}"
    if found.label.least == 2 and found.label.decided:
        text += f"; the majority finds {_wrong(found)} wrong"
    elif found.label.decided:
        text += f"; one reviewer finds {_wrong(found)} wrong"
    return text


def _wrong(found: Reviewed) -> str:
    """Count what was found wrong: labels, predicted classes of examples without one, or both."""
    labels = counted(len(found.errors), "label") if found.errors else "no label"
    number = len(found.rejected)
    classes = f"{number:,} predicted {verb(number, 'class', 'classes')}"
    classes = classes if number else "no predicted class"
    decided_labels = found.accuracy.examples if found.accuracy else 0
    if not decided_labels:
        return classes
    if decided_labels == found.label.decided:
        return labels
    return f"{labels} and {classes}"


def lede(reviewers: int, every: bool) -> str:
    """Say what the numbers may be taken for; with ``every`` example answered by each reviewer."""
    text = "Every reviewer answered every example of the run." if every else CHOSEN
    if reviewers == 1:
        text += (
            " One reviewer answered: nothing here was confirmed by a second, and agreement cannot"
            " be measured."
        )
    return text


def facts(
    found: Reviewed,
    reported: tuple[float, Interval] | None,
    counts: Mapping[Question, int],
    answered_: int,
    examples: int,
) -> Iterator[Fact]:
    """Yield the key figures; ``counts`` are the answers to each question that was asked."""
    yield Fact("Examples answered", f"{answered_:,} of {examples:,}", answered(counts))
    for name, opinion, question in (
        ("Agreement on the label", found.label, LABEL),
        ("Agreement on the shading", found.shading, SHADING),
    ):
        if question in counts:
            yield Fact(name, *agreement_fact(question, opinion.agreement))
    if reported is not None:
        value, ends = reported
        note = f"over the labelled examples of the run, 95 % interval {interval(ends)} (Wilson)"
        yield Fact("Accuracy as reported", percent(value), note)
    if found.accuracy is not None:
        yield _corrected(found.accuracy)
    if found.second_look.interval is not None:
        yield _precision(found.second_look, _enough(found.label))


def _corrected(of: Accuracy) -> Fact:
    low, high = percent(of.low / of.examples), percent(of.high / of.examples)
    parts = [
        f"{percent(of.right / of.examples)} by the labels as they are; on {of.examples:,} of"
        f" {counted(of.labelled, 'labelled example')}, {of.corrected:,} corrected",
        _wilson(of.low, of.examples) if of.low == of.high else None,
        "not a random sample" if of.examples < of.labelled else None,
        few_examples(of.examples),
    ]
    return Fact(
        "Accuracy on those answered, corrected",
        low if low == high else f"{low} to {high}",
        "; ".join(part for part in parts if part),
    )


def _wilson(successes: int, trials: int) -> str:
    return f"95 % interval {interval(wilson_interval(successes, trials))} (Wilson)"


def _precision(look: ListFound, enough: str) -> Fact:
    parts = [
        f"{look.wrong:,} of {look.decided:,} with {enough} {_are(look.wrong)} wrong",
        _wilson(look.wrong, look.decided),
        few_examples(look.decided),
        "reviewers saw that these labels were flagged",
    ]
    share = percent(look.wrong / look.decided)
    return Fact("Precision of the second look", share, "; ".join(part for part in parts if part))


def answered(counts: Mapping[Question, int]) -> str:
    """Say how many answers were given to each question, in their order."""
    return "answers: " + ", ".join(f"{asked.key} {count:,}" for asked, count in counts.items())


def _majority(opinion: Opinion) -> str:
    """Name who decides: more than half of two or more, or the one reviewer who answered."""
    return "more than half of those who answered" if opinion.least > 1 else "the one who answered"


def _enough(opinion: Opinion) -> str:
    return "two or more answers" if opinion.least > 1 else "an answer"


def errors(found: Reviewed, labelled: int) -> str:
    """Say how many labels are wrong by the majority, and of how many nothing was decided."""
    if not labelled:
        return "The run has no labels."
    opinion, of = found.label, found.accuracy
    if of is None:
        return f"No labelled example has {_enough(opinion)} about its label."
    text = (
        f"{counted(of.examples, 'labelled example')} {verb(of.examples, 'has', 'have')}"
        f" {_enough(opinion)}; {_number(of.corrected)} of these labels"
        f" {_are(of.corrected)} wrong by {_majority(opinion)}. “Ambiguous” and “cannot"
        " tell” are answers like the others and do not make a label wrong."
    )
    if opinion.split:
        text += (
            f" In {counted(opinion.split, 'example')} no answer has more than half; what stands"
            " there is left as it is."
        )
    return text


def _number(count: int) -> str:
    return f"{count:,}" if count else "none"


def _are(count: int) -> str:
    """Return the verb of "none", "1" or more of some things."""
    return "are" if count > 1 else "is"


def rejected(found: Reviewed) -> str | None:
    """Say what reviewers found of examples without a label; None where none was decided."""
    opinion = found.label
    decided = opinion.decided - (found.accuracy.examples if found.accuracy else 0)
    if not decided:
        return None
    return (
        f"About {counted(decided, 'example')} without a label the question was"
        f" “{PREDICTION.asked}”; {_number(len(found.rejected))} of the predicted classes"
        f" {_are(len(found.rejected))} wrong by {_majority(opinion)}."
    )


def accuracy(found: Reviewed, reported: tuple[float, Interval] | None, classes: int) -> list[str]:
    """Say the accuracy as reported, and on the reviewed examples before and after correction."""
    of = found.accuracy
    if reported is None:
        return ["The run has no labels, so there is no accuracy to correct."]
    value, ends = reported
    labelled = (
        f"{counted(of.labelled, 'labelled example')} of" if of else "the labelled examples of"
    )
    texts = [f"As reported, over {labelled} the run: {percent(value)} ({interval(ends)}, Wilson)."]
    if of is None:
        return [*texts, "No labelled example has enough answers, so nothing is corrected."]
    have = f"{verb(of.examples, 'has', 'have')} {_enough(found.label)}"
    which = "all there are" if of.examples == of.labelled else "not a random sample of them"
    texts.append(
        f"On the {counted(of.examples, 'labelled example')} that {have} ({which}):"
        f" {percent(of.right / of.examples)} by the labels as they are"
        f" ({of.right:,} of {of.examples:,})."
    )
    if not of.corrected:
        return [*texts, "None of these labels was found wrong, so nothing is corrected."]
    the = f"With the {counted(of.corrected, 'label')} corrected that {_majority(found.label)}"
    the += f" {'find' if found.label.least > 1 else 'finds'} wrong:"
    shares = percent(of.low / of.examples), percent(of.high / of.examples)
    if of.low == of.high:
        texts.append(f"{the} {shares[0]} ({of.low:,} of {of.examples:,}).{_why(classes)}")
    else:
        texts.append(
            f"{the} {shares[0]} to {shares[1]} ({of.low:,} to {of.high:,} of {of.examples:,})."
            " Reviewers do not say which class is right, so where a prediction differs from a"
            " wrong label it may be right or not."
        )
    return texts


def _why(classes: int) -> str:
    if classes == 2:
        return " There are two classes, so where one is wrong the other is taken as right."
    return " Where a label is wrong that was predicted, the prediction is wrong too."


def second_look(found: Reviewed) -> str:
    """Say how many of the labels worth a second look reviewers find wrong, and of the others."""
    look, of = found.second_look, found.accuracy
    if not look.listed:
        return "The run lists no label as worth a second look."
    the = f"The run lists {counted(look.listed, 'label')} as worth a second look"
    if look.interval is None:
        return f"{the}; none of them has {_enough(found.label)}."
    text = (
        f"{the}. {look.decided:,} of them {verb(look.decided, 'has', 'have')}"
        f" {_enough(found.label)}, and {_number(look.wrong)} of these"
        f" {_are(look.wrong)} wrong by {_majority(found.label)}: a precision of"
        f" {percent(look.wrong / look.decided)} as reviewers see it"
        f" ({interval(look.interval)}, Wilson). They saw that these labels were flagged, and the"
        " prediction with its confidence, which may have swayed them."
    )
    others = (of.examples - look.decided, of.corrected - look.wrong) if of else (0, 0)
    if others[0]:
        text += (
            f" Of {counted(others[0], 'label')} with {_enough(found.label)} that"
            f" {verb(others[0], 'is', 'are')} not on the list, {_number(others[1])}"
            f" {_are(others[1])} wrong by the same count."
        )
    return text


def is_tested(found: Reviewed) -> bool:
    """Tell whether words were removed from any example with a decided shading."""
    return any(result is not None for result in found.by_test)


def shading_title(found: Reviewed, unit: str) -> str:
    """Name the section on the shading; ``unit`` is what a token is called (``Terms.unit``)."""
    return f"Shading, and what removing {unit}s showed" if is_tested(found) else "Shading"


def shading(found: Reviewed, unit: str) -> list[str]:
    """Hold what reviewers say of the shading against what removing words showed, if it did."""
    opinion = found.shading
    if not opinion.decided:
        return [f"No example has {_enough(opinion)} about its shading."]
    bad = len(opinion.bad)
    text = (
        f"{counted(opinion.decided, 'example')} {verb(opinion.decided, 'has', 'have')}"
        f" {_enough(opinion)} about {verb(opinion.decided, 'its', 'their')} shading; in"
        f" {_number(bad)} of them it makes no sense by {_majority(opinion)}."
    )
    if not is_tested(found):
        return [text]
    if bad:
        parts = [
            f"{_of(unit, FOUND_BY_TEST[result])} in {counts[SENSELESS]:,}"
            for result, counts in found.by_test.items()
            if counts[SENSELESS]
        ]
        text += f" Of these examples, the {shaded(unit)} {', '.join(parts)} (removal test)."
    return [
        text,
        f"Whether a reader finds the shading sensible and whether the {shaded(unit)} decided the"
        " answer are two questions (plausibility and faithfulness: Jacovi and Goldberg 2020)."
        f" Reviewers answer the first; the second is measured by removing {unit}s, example by"
        " example, in those that the run tested.",
    ]


def shaded(unit: str) -> str:
    """Name what is shaded in a text."""
    return f"shaded {unit}s"


def tests(result: Support | None, unit: str) -> str:
    """Name the result of an example's removal test."""
    return _of(unit, TESTS[result])


def _of(unit: str, text: str) -> str:
    return text.replace("word", unit)


def votes(counts: Sequence[int], answers: Sequence[str]) -> str:
    """Say who answered what: "2 wrong, 1 right"; the most frequent first."""
    given = sorted(zip(counts, answers, strict=True), key=lambda pair: -pair[0])
    return ", ".join(f"{count} {answer}" for count, answer in given if count) or "–"


def remarks(number: int, examples: int) -> str:
    """Say how many remarks there are, and in which order they stand."""
    if not number:
        return "Nobody wrote a remark."
    return (
        f"{counted(number, 'remark')} on {counted(examples, 'example')}, in full: wrong predictions"
        " first, then right ones, then those without a label, the most confident of each first."
    )
