"""The section on whether the weights are faithful: the removal test and what stands beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.publish.words.numbers import counted, decimal, percent, verb
from reportgen.publish.words.verdict import dependence, removal
from reportgen.publish.words.weights import Terms, terms
from reportgen.removal import DRAWS, LEAST_EFFECT, LEAST_TOKENS

__all__ = ["attention", "tests", "title"]


def attention(findings: Findings) -> Iterator[str]:
    """Yield a paragraph for each test of the weights, then what they are like on average."""
    words = terms(findings.weights, findings.unit)
    if findings.faithfulness is not None:
        yield from tests(findings.faithfulness, words)
    if {"entropy", "largest", "function"} <= set(findings.attention_means):
        yield (_attributions if words.signed else _attention)(findings, words)


def title(findings: Findings) -> str:
    """Name the section by what it has: tests, or only what the attention is like."""
    words = terms(findings.weights, findings.unit)
    return words.untested if findings.faithfulness is None else words.title


def tests(result: Faithfulness, words: Terms) -> Iterator[str]:
    """Yield a paragraph for each test of the weights."""
    yield removal(result, words)
    if result.uniform or result.permuted or (result.examples and not words.signed):
        yield dependence(result, words)
    if result.examples:
        yield _single_texts(result, words)
    taus = [
        f"{decimal(tau)} with {other}"
        for tau, other in (
            (result.tau_left_out, f"leaving {words.units} out one by one"),
            (result.tau_gradients, "integrated gradients"),
        )
        if not math.isnan(tau)
    ]
    if taus:
        yield (
            f"The rank correlation (Kendall's tau) of {words.noun} is {' and '.join(taus)}; 1 is"
            " the same order, 0 no relation."
        )


def _single_texts(result: Faithfulness, words: Terms) -> str:
    if result.undecided:
        text = (
            f"Single texts are not judged together: {counted(result.undecided, 'text')} of"
            f" {result.examples:,} {verb(result.undecided, 'has', 'have')} fewer than the {DRAWS}"
            " random removals that an exact test takes."
        )
    else:
        text = (
            f"Example by example, in {result.supported:,} of {result.examples:,} removing the"
            f" {words.top} lowers the confidence by {LEAST_EFFECT} or more and by more than"
            f" removing random {words.units} does (exact test over {DRAWS} random removals, p at"
            " most 0.05;"
            f" random {words.noun} {words.verb('passes', 'pass')} in at most 5 %)."
        )
    if result.untestable:
        short = counted(result.untestable, "text")
        counts = verb(result.untestable, "counts", "count")
        text += (
            f" {short} of fewer than {LEAST_TOKENS} tokens cannot be tested and {counts} nowhere."
        )
    return text


def _attention(findings: Findings, words: Terms) -> str:
    means = findings.attention_means
    return (
        f"On average the {words.full} has {percent(means['entropy'])} of the entropy of uniform"
        f" attention, and its largest weight is {decimal(means['largest'], 3)}."
        f" {_function_words(findings)} and receive"
        f" {percent(means['function'])} of the attention. The weights of each"
        " text sum to 1 over its tokens; none is on padding."
    )


def _attributions(findings: Findings, words: Terms) -> str:
    means = findings.attention_means
    return (
        f"By their absolute values the {words.full} have {percent(means['entropy'])} of the"
        f" entropy of uniform ones on average, and the largest is {percent(means['largest'])} of"
        f" their sum. {_function_words(findings)} and have {percent(means['function'])} of it."
    )


def _function_words(findings: Findings) -> str:
    which = "Punctuation and stop words" if findings.english else "Punctuation marks"
    return f"{which} are {percent(findings.attention_means['function_tokens'])} of the tokens"
