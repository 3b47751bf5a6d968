"""Make one weight for each token out of the attention of a transformer's layers and heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import UsageError
from reportgen.records import Weights
from reportgen.subwords import steps

__all__ = ["ATTENTION", "GRADIENTS", "STEPS", "Method", "Shape", "parse_method"]

STEPS = 32  # of integrated gradients
ATTENTION, ROLLOUT, GRADIENTS = "attention", "rollout", "gradients"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a probe shows of a model.

    ``layers`` gave attention of ``heads`` between all tokens of a text (0: there is none).
    ``causal``: a token attends only to those before it. ``padded``: padding changes no answer, so
    that texts of different lengths can be asked together. ``crossed``: the attention is that of a
    decoder's tokens to an encoder's.
    """

    layers: int
    heads: int
    causal: bool
    padded: bool
    crossed: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """How tokens are weighted: ``attention`` (of a layer, from 1), ``rollout`` or ``gradients``.

    With ``heads`` the attention of each head is kept beside their mean.
    """

    name: str = ATTENTION
    layer: int | None = None
    heads: bool = False

    def check(self, shape: Shape) -> None:
        """Refuse a layer that the model does not have, and a rollout where there is none.

        Raises:
            UsageError: it is so.
        """
        if self.layer is not None and self.layer > shape.layers:
            raise UsageError(
                f"--weights attention:{self.layer}: the model has {shape.layers} layers"
            )
        if self.name == ROLLOUT and shape.crossed:
            raise UsageError(
                "--weights rollout is not defined for a model with an encoder and a decoder; use"
                " attention, attention:LAYER or gradients"
            )

    def weights(self, shape: Shape, special: bool) -> Weights:
        """Describe the weights of a model for the table; ``special``: it adds special tokens."""
        if self.name == GRADIENTS:
            way = (f"{STEPS} steps from padding", "summed over the numbers of an embedding")
            merged = steps(True, special, "attribution")
            return Weights("attribution", "integrated gradients", steps=(*way, *merged))
        done: tuple[str, ...] = (
            f"attention from the {'last' if shape.causal else 'first'} token",
            f"mean over {shape.heads} heads",
        )
        name = f"attention of layer {self.layer or shape.layers}"
        if shape.crossed:
            name = f"cross-attention of decoder layer {self.layer or shape.layers}"
            done = ("attention from the decoder's last token to the encoder's tokens", *done[1:])
        if self.name == ROLLOUT:
            name = ROLLOUT
            done += (f"{shape.layers} layers multiplied, each half attention and half its input",)
        return Weights("attention", name, steps=(*done, *steps(True, special, "attention")))

    def rows(self, attentions: Sequence[Any], places: Any) -> NDArray[np.float64]:
        """Return what the token at each text's place [B] attends to, [B, R, P].

        ``attentions`` are the layers' [B, H, P, P], of special tokens too. Of the rows R the first
        is the mean over the heads; those of the heads follow where they are kept.
        """
        import torch

        texts = torch.arange(len(places), device=attentions[0].device)
        places = places.to(texts.device)
        if self.name == ROLLOUT:
            kept = _rollout(attentions, texts, places)[:, None]
        else:
            layer = attentions[-1 if self.layer is None else self.layer - 1]
            heads = layer[texts, :, places].float()
            mean = heads.mean(dim=1, keepdim=True)
            kept = torch.cat([mean, heads], dim=1) if self.heads else mean
        rows: NDArray[np.float64] = kept.cpu().double().numpy()
        return rows


def _rollout(attentions: Sequence[Any], texts: Any, places: Any) -> Any:
    """Return a row of the attention rollout (Abnar and Zuidema 2020, equation 1), [B, P].

    A layer passes on half of its input and half of what its heads attend to on average. The
    row of the product of all layers' matrices is made from the last layer to the first.
    """
    import torch

    row = torch.zeros(len(texts), attentions[0].shape[-1], device=texts.device)
    row[texts, places] = 1.0
    for layer in reversed(attentions):
        row = (row + torch.einsum("bp,bpq->bq", row, layer.float().mean(dim=1))) / 2
    return row


def parse_method(text: str, heads: bool = False) -> Method:
    """Return the method that ``--weights`` names; ``heads`` are those of its attention.

    Raises:
        UsageError: it names none, or one without heads.
    """
    name, _, layer = text.partition(":")
    if heads and text in (ROLLOUT, GRADIENTS):
        raise UsageError(f"--heads: {text} has no heads; use --weights attention")
    if text in (ATTENTION, ROLLOUT, GRADIENTS):
        return Method(text, heads=heads)
    if name == ATTENTION and layer.isascii() and layer.isdigit() and int(layer) > 0:
        return Method(ATTENTION, int(layer), heads)
    raise UsageError(
        f"--weights {text!r}: use attention, attention:LAYER (from 1), rollout or gradients"
    )
