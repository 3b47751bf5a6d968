"""The section on whether the attention is faithful: the removal test and what stands beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from reportgen.analysis.faithfulness import Faithfulness
from reportgen.analysis.findings import Findings
from reportgen.publish.words.captions import read_removal
from reportgen.publish.words.numbers import counted, interval, percent

__all__ = ["attention"]


def attention(findings: Findings) -> Iterator[str]:
    """Yield a paragraph for each test of the attention, then what it is like on average."""
    if findings.faithfulness is not None:
        yield from _tests(findings.faithfulness)
    if {"entropy", "largest", "function"} <= set(findings.attention_means):
        yield _means(findings.attention_means, findings.english)


def _tests(result: Faithfulness) -> Iterator[str]:
    yield read_removal(result)
    tested = result.supported + result.unsupported
    if tested:
        text = (
            f"Example by example, the attention of {result.supported:,} of {tested:,} is"
            " supported: removing its most-attended words lowers the confidence more than 95 % of"
            " random removals do."
        )
        if result.untestable:
            short = counted(result.untestable, "text")
            text += f" {short} of fewer than 10 tokens cannot be tested."
        yield text
    yield (
        f"The prediction changes in {percent(result.uniform)} ({interval(result.uniform_interval)})"
        " of the examples when the attention is made uniform, and in"
        f" {percent(result.permuted)} ({interval(result.permuted_interval)}) when it is shuffled."
        " The less it changes, the less the prediction depends on the attention weights."
    )
    if not math.isnan(result.tau_left_out):
        yield (
            f"The rank correlation (Kendall's tau) of attention is {result.tau_left_out:.2f} with"
            f" leaving words out one by one and {result.tau_gradients:.2f} with integrated"
            " gradients; 1 is the same order, 0 no relation."
        )


def _means(means: Mapping[str, float], english: bool) -> str:
    return (
        f"On average the attention has {percent(means['entropy'])} of the entropy of uniform"
        f" attention, and its largest weight is {means['largest']:.3f}."
        f" {'Punctuation and stop words are' if english else 'Punctuation marks are'}"
        f" {percent(means['function_tokens'])} of the tokens and receive"
        f" {percent(means['function'])} of the attention. Padding receives none."
    )
