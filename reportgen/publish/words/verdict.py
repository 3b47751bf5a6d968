"""Say in sentences whether the attention is faithful: the three parts of the verdict."""

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
from reportgen.publish.words.numbers import counted, interval, percent
from reportgen.removal import LEAST_EFFECT, LEAST_TOKENS, TESTED

__all__ = ["INDEPENDENT", "amount", "dependence", "drops_at_a_tenth", "pointing", "untested"]

INDEPENDENT = (
    "The answers do not depend on the attention weights; read the shading as where the model"
    " looked, not as why."
)
LEADS = {
    Pointing.YES: "Attention points at words that matter",
    Pointing.NO_EFFECT: (
        "Attention is not shown to point at words that matter: without the most-attended words the"
        f" confidence drops by less than {LEAST_EFFECT}"
    ),
    Pointing.LIKE_CONTENT: (
        "Attention points at words that matter more than random words, but they are not shown to"
        " matter more than random content words"
    ),
    Pointing.LIKE_RANDOM: (
        "Attention is not shown to point at words that matter more than random ones"
    ),
    Pointing.LESS: "Attention points at words that matter less than random ones",
    Pointing.UNKNOWN: (
        f"Fewer than {LEAST_EXAMPLES} texts were tested, too few for a verdict on the attention"
    ),
}


def untested(result: Faithfulness) -> str:
    """Say why no text was tested by removing words: there are no columns, or all are too short."""
    if not result.untestable:
        return (
            "The attention was not tested by removing words: the predictions lack"
            " “explain.attention_removed” or “explain.random_removed”."
        )
    return (
        f"The attention cannot be tested: of {counted(result.untestable, 'explained text')} none"
        f" has {LEAST_TOKENS} tokens."
    )


def drops_at_a_tenth(result: Faithfulness) -> str:
    """Say how the confidence drops without the 10 % most-attended words, and without others."""
    drop = {way.name: way.drops[AT] for way in result.ways}
    text = (
        "removing the 10 % most-attended words lowers the confidence by"
        f" {drop['attention']:.2f} on average, removing random words by {drop['random']:.2f}"
    )
    others = [
        f"{name} by {drop[kind]:.2f}"
        for kind, name in (
            ("content", "random content words"),
            ("gradients", "the words with the largest integrated gradients"),
        )
        if kind in drop
    ]
    return ", ".join([text, *others])


def pointing(result: Faithfulness) -> str:
    """Say whether attention points at words that matter, against random and content words."""
    shares = ", ".join(f"{100 * share:g}" for share in TESTED[:-1])
    text = (
        f"{LEADS[result.points]}: {drops_at_a_tenth(result)}. Averaged over removing {shares} and"
        f" {100 * TESTED[-1]:g} % of the words, the drop exceeds that of random words by"
        f" {_drop(result.against_random)}"
    )
    if result.against_content is None:
        text += " (against random content words it was not tested: the table has no such column)"
    else:
        text += f" and that of random content words by {_drop(result.against_content)}"
    return f"{text}; 95 % intervals, bootstrap over {counted(result.examples, 'sampled example')}."


def amount(result: Faithfulness) -> str:
    """Say how much of the words that matter attention finds, held against gradients."""
    share = result.share_of_gradients
    if share is not None:
        ends = interval((share.low, share.high))
        return (
            f"The drop is {percent(share.value)} ({ends}) of that without the words with the"
            " largest integrated gradients, over the same sizes."
        )
    if any(way.name == "gradients" for way in result.ways):
        return (
            "As a share of the drop without the words with the largest integrated gradients it is"
            f" not given: that drop is less than {LEAST_EFFECT}."
        )
    return "How much of the words that matter it finds was not tested: the table has no gradients."


def dependence(result: Faithfulness) -> str:
    """Say what even and shuffled attention change."""
    changes = [
        f"{_change(change)} when the attention is {how}"
        for change, how in ((result.uniform, "made uniform"), (result.permuted, "shuffled"))
        if change is not None
    ]
    if not changes:
        return (
            "Whether the answers depend on the attention was not tested: the table lacks columns."
        )
    text = f"The prediction changes in {'; in '.join(changes)}."
    if result.depends is None:
        return f"{text} The less changes, the less the prediction depends on the attention weights."
    if result.depends:
        return f"{text} The answers depend on the attention weights to this degree."
    return (
        f"{text} That is next to nothing (at most {100 * SELDOM:g} % of the predictions, and less"
        f" than {LEAST_EFFECT} of probability up to the interval's end): the same answers come"
        " without these weights."
    )


def _change(change: Change) -> str:
    changed, mean = change.changed, change.change
    return (
        f"{percent(changed.value)} ({interval((changed.low, changed.high))}, Wilson) of the"
        f" examples, and its probability by {mean.value:.3f} ({mean.low:.3f} to {mean.high:.3f},"
        " bootstrap) on average,"
    )


def _drop(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"
