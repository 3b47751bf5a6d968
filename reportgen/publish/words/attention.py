"""The section on whether the attention is faithful: the removal test and what stands beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.publish.words.captions import read_removal
from reportgen.publish.words.numbers import counted, percent
from reportgen.publish.words.verdict import dependence
from reportgen.removal import DRAWS, LEAST_EFFECT, LEAST_TOKENS

__all__ = ["attention"]


def attention(findings: Findings) -> Iterator[str]:
    """Yield a paragraph for each test of the attention, then what it is like on average."""
    if findings.faithfulness is not None:
        yield from _tests(findings.faithfulness)
    if {"entropy", "largest", "function"} <= set(findings.attention_means):
        yield _means(findings.attention_means, findings.english)


def _tests(result: Faithfulness) -> Iterator[str]:
    yield read_removal(result)
    if result.examples or result.uniform or result.permuted:
        yield dependence(result)
    if result.examples:
        yield _single_texts(result)
    taus = [
        f"{tau:.2f} with {other}"
        for tau, other in (
            (result.tau_left_out, "leaving words out one by one"),
            (result.tau_gradients, "integrated gradients"),
        )
        if not math.isnan(tau)
    ]
    if taus:
        yield (
            f"The rank correlation (Kendall's tau) of attention is {' and '.join(taus)}; 1 is the"
            " same order, 0 no relation."
        )


def _single_texts(result: Faithfulness) -> str:
    if result.undecided:
        text = (
            f"Single texts are not judged together: {counted(result.undecided, 'text')} of"
            f" {result.examples:,} have fewer than the {DRAWS} random removals that an exact test"
            " takes."
        )
    else:
        text = (
            f"Example by example, in {result.supported:,} of {result.examples:,} removing the"
            f" most-attended words lowers the confidence by {LEAST_EFFECT} or more and by more than"
            f" removing random words does (exact test over {DRAWS} random removals, p at most 0.05;"
            " random attention passes in at most 5 %)."
        )
    if result.untestable:
        short = counted(result.untestable, "text")
        text += f" {short} of fewer than {LEAST_TOKENS} tokens cannot be tested and count nowhere."
    return text


def _means(means: Mapping[str, float], english: bool) -> str:
    return (
        f"On average the attention has {percent(means['entropy'])} of the entropy of uniform"
        f" attention, and its largest weight is {means['largest']:.3f}."
        f" {'Punctuation and stop words are' if english else 'Punctuation marks are'}"
        f" {percent(means['function_tokens'])} of the tokens and receive"
        f" {percent(means['function'])} of the attention. Padding receives none."
    )
