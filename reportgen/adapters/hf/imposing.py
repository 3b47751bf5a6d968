"""Impose other attention on the layer and the token whose attention is shown.

The weights on the text's tokens are made even or shuffled, head by head; those on special tokens,
and of all other tokens and layers, stay. It works for models whose attention goes through the
attention interface of transformers, which is found out by imposing what is there already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from reportgen.adapters.hf.loading import quiet

__all__ = ["Change", "even", "imposed"]

NAME = "reportgen_imposed"
Change = Callable[[int, Any], Any | None]  # a call by its number, its weights [B, H, P, P]


def even(rows: Any) -> Any:
    """Return weights of tokens [..., n] that are even and have the same sum."""
    return rows.mean(dim=-1, keepdim=True).expand_as(rows)


@contextmanager
def imposed(model: Any, change: Change) -> Iterator[None]:
    """Let ``change`` see each layer's weights, and replace them where it returns others.

    Calls are numbered in the order in which the model computes its layers.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    calls = iter(range(sys.maxsize))

    def attend(module: Any, query: Any, key: Any, value: Any, *more: Any, **given: Any) -> Any:
        own = sys.modules[type(module).__module__]
        output, weights = own.eager_attention_forward(module, query, key, value, *more, **given)
        if (other := change(next(calls), weights)) is not None:
            shared = weights.shape[1] // value.shape[1]  # heads that share their values
            values = value.repeat_interleave(shared, dim=1)
            output, weights = torch.matmul(other, values).transpose(1, 2).contiguous(), other
        return output, weights

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, eager_mask)
    try:
        with quiet():
            model.set_attn_implementation(NAME)
        yield
    finally:
        with quiet():
            model.set_attn_implementation("eager")
