"""Say in sentences whether the weights are faithful: the three parts of the verdict."""

from __future__ import annotations

from reportgen.analysis.faithfulness import (
    AT,
    LEAST_EXAMPLES,
    SELDOM,
    Change,
    Estimate,
    Faithfulness,
    Pointing,
)
from reportgen.publish.words.numbers import SPACE, counted, decimal, interval, percent
from reportgen.publish.words.weights import ATTENTION, Terms
from reportgen.removal import LEAST_EFFECT, LEAST_TOKENS, TESTED

__all__ = [
    "INDEPENDENT",
    "SIZES",
    "amount",
    "decided",
    "dependence",
    "drops_at_a_tenth",
    "ends",
    "independent",
    "lead",
    "pointing",
    "removal",
    "untested",
]

INDEPENDENT = (
    "The answers do not depend on {weights}; read the shading as where the model looked, not as"
    " why."
)
SIZES = f"{', '.join(f'{100 * share:g}' for share in TESTED[:-1])} and {100 * TESTED[-1]:g}{SPACE}%"
ALIKE = 1e-6  # a narrower interval is none: rounding of float32 alone makes it that wide
LEADS = {  # each with the subject, its verb, and the words of the largest weights
    Pointing.YES: "{subject} {point} at {units} that matter",
    Pointing.NO_EFFECT: (
        "{subject} {are} not shown to point at {units} that matter: without the {top} the"
        f" confidence drops by less than {LEAST_EFFECT}"
    ),
    Pointing.LIKE_CONTENT: (
        "{subject} {point} at {units} that matter more than random {units}, but they are not shown"
        " to"
        " matter more than random content {units}"
    ),
    Pointing.LIKE_RANDOM: (
        "{subject} {are} not shown to point at {units} that matter more than random ones"
    ),
    Pointing.LESS: "{subject} {point} at {units} that matter less than random ones",
    Pointing.UNKNOWN: (
        f"Fewer than {LEAST_EXAMPLES} texts were tested, too few for a verdict on {{the}}"
    ),
}


def lead(result: Faithfulness, words: Terms) -> str:
    """Say whether the weights point at words that matter."""
    return LEADS[result.points].format(
        subject=words.subject,
        point=words.verb("points", "point"),
        are=words.verb("is", "are"),
        top=words.top,
        the=words.the,
        units=words.units,
    )


def untested(result: Faithfulness, words: Terms) -> str:
    """Say why no text was tested by removing words: there are no columns, or all are too short."""
    the = words.the[0].upper() + words.the[1:]
    if not result.untestable:
        return (
            f"{the} {words.verb('was', 'were')} not tested by removing {words.units}: the"
            " predictions lack"
            " “explain.attention_removed” or “explain.random_removed”."
        )
    short = f"fewer than {LEAST_TOKENS} tokens"
    if result.untestable == 1:
        return f"{the} cannot be tested: the one explained text has {short}."
    return f"{the} cannot be tested: each of the {result.untestable:,} explained texts has {short}."


def drops_at_a_tenth(result: Faithfulness, words: Terms) -> str:
    """Say how the confidence drops without the 10 % of largest weights, and without others."""
    drop = {way.name: way.drops[AT] for way in result.ways}
    text = (
        f"removing the {words.share_of_top.format('10 %')} lowers the confidence by"
        f" {decimal(drop['attention'])} on average, removing random {words.units} by"
        f" {decimal(drop['random'])}"
    )
    others = [
        f"{name} by {decimal(drop[kind])}"
        for kind, name in (
            ("content", f"random content {words.units}"),
            ("gradients", f"the {words.units} with the largest integrated gradients"),
        )
        if kind in drop
    ]
    return ", ".join([text, *others])


def pointing(result: Faithfulness, words: Terms) -> str:
    """Say whether the weights point at words that matter, against random and content words."""
    text = (
        f"{lead(result, words)}: {drops_at_a_tenth(result, words)}. Averaged over removing"
        f" {SIZES} of the {words.units}, the drop exceeds that of random {words.units}"
        f" by {_drop(result.against_random)}"
    )
    if result.against_content is None:
        text += (
            f" (against random content {words.units} {words.verb('it was', 'they were')} not"
            " tested: the"
            " table has no such column)"
        )
    else:
        text += f" and that of random content {words.units} by {_drop(result.against_content)}"
    return f"{text}; 95 % intervals, bootstrap over {counted(result.examples, 'sampled example')}."


def amount(result: Faithfulness, words: Terms) -> str:
    """Say how much of the words that matter the weights find, held against gradients."""
    share = result.share_of_gradients
    if share is not None:
        return (
            f"The drop is {percent(share.value)} ({ends(share)}) of that without the {words.units}"
            " with the"
            " largest integrated gradients, over the same sizes."
        )
    if any(way.name == "gradients" for way in result.ways):
        return (
            f"As a share of the drop without the {words.units} with the largest integrated"
            " gradients it is"
            f" not given: that drop is less than {LEAST_EFFECT}."
        )
    finds = words.verb("it finds", "they find")
    return (
        f"How much of the {words.units} that matter {finds} was not tested: the table has no"
        " gradients."
    )


def removal(result: Faithfulness, words: Terms) -> str:
    """Say what removing words shows; first, where so, that the answers ignore the attention."""
    if not result.examples:
        return untested(result, words)
    amounts = [] if words.gradients else [amount(result, words)]
    return " ".join([*independent(result, words), pointing(result, words), *amounts])


def independent(result: Faithfulness, words: Terms) -> list[str]:
    """Say that the answers ignore the attention, where they do and it is what is shown."""
    found = result.depends is False and not words.signed
    return [INDEPENDENT.format(weights=_imposed(words)[0])] if found else []


def _imposed(words: Terms) -> tuple[str, str]:
    """Name the weights in whose place others are imposed, and say that they are made otherwise.

    Named ones, as of one layer of many, are not all the attention of the model.
    """
    if words.full == ATTENTION.full or words.signed:
        return "the attention weights", "the attention is"
    weights = f"these weights ({words.name})"
    return weights, f"{weights} are"


def dependence(result: Faithfulness, words: Terms = ATTENTION) -> str:
    """Say what even and shuffled attention of the model change."""
    weights, are = _imposed(words)
    changes = [
        f"{_change(change)} when {are} {how}"
        for change, how in ((result.uniform, "made uniform"), (result.permuted, "shuffled"))
        if change is not None
    ]
    if not changes:
        return (
            f"Whether the answers depend on {weights} was not tested: the predictions do not say"
            " what the model answers under uniform and shuffled attention."
        )
    text = f"The prediction changes in {'; in '.join(changes)}."
    if result.depends is None:
        return f"{text} {_undecided(result, weights)}"
    if result.depends:
        return f"{text} The answers depend on {weights} to this degree."
    return (
        f"{text} That is next to nothing (at most {100 * SELDOM:g} % of the predictions, and less"
        f" than {LEAST_EFFECT} of probability, up to the ends of the intervals): the same answers"
        " come without these weights."
    )


def decided(result: Faithfulness) -> str | None:
    """Say in a few words whether the answers depend on the attention, as ``dependence`` does."""
    if result.depends is not None:
        return "they do, to this degree" if result.depends else "next to nothing"
    if result.uniform is None or result.permuted is None:
        return None
    if result.explained < LEAST_EXAMPLES:
        return "too few texts to tell"
    return f"{counted(min(result.uniform.texts, result.permuted.texts), 'text')} do not tell"


def _undecided(result: Faithfulness, weights: str) -> str:
    """Say what is known where it is not known whether the answers depend on the attention."""
    if result.explained < LEAST_EXAMPLES or result.uniform is None or result.permuted is None:
        return f"The less changes, the less the prediction depends on {weights}."
    both = result.uniform, result.permuted
    changed, moved = (max(getattr(c, name).high for c in both) for name in ("changed", "change"))
    return (
        f"{counted(min(c.texts for c in both), 'text')} do not tell whether the answers depend on"
        f" {weights}: by the ends of the intervals up to {percent(changed)} of the predictions may"
        f" change, and the probability by {decimal(moved, 3)} on average; next to"
        f" nothing is at most {100 * SELDOM:g} % and less than {LEAST_EFFECT}."
    )


def _change(change: Change) -> str:
    changed, mean = change.changed, change.change
    return (
        f"{percent(changed.value)} ({interval((changed.low, changed.high))}, Wilson) of"
        f" {counted(change.texts, 'sampled example')}, and its probability by"
        f" {decimal(mean.value, 3)} ({ends(mean, 3, '{}, bootstrap')}) on average,"
    )


def _drop(estimate: Estimate) -> str:
    return f"{decimal(estimate.value)} ({ends(estimate, 2)})"


def ends(
    estimate: Estimate, digits: int | None = None, frame: str = "{}", sign: bool = False
) -> str:
    """Return the interval of an estimate in a frame, of a share (no ``digits``) in per cent.

    Where every text gives the same, a bootstrap has none.
    """
    if not estimate.high - estimate.low > ALIKE:
        return "the same in every text"
    if digits is None:
        return frame.format(interval((estimate.low, estimate.high)))
    low, high = (decimal(end, digits, sign) for end in (estimate.low, estimate.high))
    return frame.format(f"{low} to {high}")
