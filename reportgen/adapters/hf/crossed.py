"""Models with an encoder and a decoder, which both read a text: BART, T5 and their like.

The decoder reads it one token later, after a first token of its own, and the answer is read where
it has come to the end of the text. Its cross-attention says where it looks in the encoder's text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

__all__ = ["embeddings", "ending", "reading"]


def ending(model: Any) -> int | None:
    """Return the token at whose place such a model is read; None of other models."""
    config = model.config
    return int(config.eos_token_id) if config.is_encoder_decoder else None


def embeddings(model: Any, ids: Any) -> Any:
    """Return what the encoder makes of token ids [B, P] first, [B, P, E]."""
    return model.get_encoder().get_input_embeddings()(ids)


@contextmanager
def reading(model: Any, embedded: Any) -> Iterator[None]:
    """Let encoder and decoder read these embeddings [B, P, E] in place of those of a text."""
    readers = iter(
        (lambda _: embedded, lambda own: torch.cat([own[:, :1], embedded[:, :-1]], dim=1))
    )
    parts = model.get_encoder(), model.get_decoder()  # which may share one module
    modules = {part.get_input_embeddings() for part in parts}
    hooks = [
        module.register_forward_hook(lambda _module, _given, own: next(readers)(own))
        for module in modules
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
