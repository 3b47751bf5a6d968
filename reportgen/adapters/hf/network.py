"""Ask a transformer for its answers, many texts at once, and see what kind of model it is."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from reportgen.adapters.hf.crossed import embeddings, ending, reading
from reportgen.adapters.hf.imposing import even, imposed
from reportgen.adapters.hf.loading import Loaded
from reportgen.adapters.hf.reading import Encoded
from reportgen.adapters.hf.weighing import STEPS, Method, Shape
from reportgen.errors import CheckpointError

__all__ = ["Network"]

CELLS = {"cpu": 2**26, "cuda": 2**29}  # attention weights of a batch, which all exist at once
PROBE, SHORT = 6, 3  # tokens of the two texts of a probe
CLOSE = 1e-3  # of logits; where padding moves them further, it is read like a word


class Network:
    """A model on its device, and how to feed it.

    Raises:
        CheckpointError: its logits are not finite.
    """

    def __init__(self, loaded: Loaded, batch_size: int, device: str) -> None:
        self._loaded, self._batch_size, self._device = loaded, batch_size, device
        self._cells = CELLS.get(torch.device(device).type, CELLS["cpu"])
        self._model, tokenizer = loaded.model, loaded.tokenizer
        taken = inspect.signature(self._model.forward).parameters
        self._segmented = {"token_type_ids"} <= {*tokenizer.model_input_names} & {*taken}
        self._further = {"use_cache": False} if "use_cache" in taken else {}
        given = getattr(self._model.config.get_text_config(), "pad_token_id", None)
        self._end = ending(self._model)
        self.padding = next((i for i in (given, tokenizer.pad_token_id) if i is not None), 0)
        self.shape = self._probed()

    @property
    def parameters(self) -> int:
        """The number of the model's parameters."""
        return sum(p.numel() for p in self._model.parameters())

    def logits(self, texts: Sequence[Encoded]) -> NDArray[np.float32]:
        """Return the logits [N, K] of the texts."""
        logits: list[Any] = [None] * len(texts)
        for places in self._batches(texts, 2):
            output = self._forward([texts[i] for i in places], False)
            for i, row in zip(places, output.logits.float().cpu().numpy(), strict=True):
                logits[i] = row
        return np.array(logits, dtype=np.float32)

    def answers(
        self, texts: Sequence[Encoded], method: Method
    ) -> list[tuple[NDArray[np.float32], NDArray[np.float64]]]:
        """Return the logits [K] of each text and the attention of its tokens [R, P].

        The rows R are those of ``Method.rows``.
        """
        answers: list[Any] = [None] * len(texts)
        for places in self._batches(texts, self.shape.layers):
            lengths = torch.tensor([len(texts[i]) for i in places])
            output = self._forward([texts[i] for i in places], True)
            last = self.shape.causal or self.shape.crossed
            at = lengths - 1 if last else torch.zeros_like(lengths)
            rows = method.rows(_attentions(output), at)
            logits = output.logits.float().cpu().numpy()
            for i, logit, row in zip(places, logits, rows, strict=True):
                answers[i] = logit, row[:, : len(texts[i])]
        return answers

    def under(self, text: Encoded, method: Method, order: NDArray[np.int64]) -> Any | None:
        """Return the logits [2, K] under even weights and under weights in this order.

        They are imposed on the layer and the token whose attention is shown. None where the model
        does not let one impose them.
        """
        layer = method.layer or self.shape.layers
        words = torch.from_numpy(np.flatnonzero(~text.special)).to(self._device)
        at = self._call_of(text, layer)
        if at is None:
            return None
        place = len(text) - 1 if self.shape.causal or self.shape.crossed else 0
        places = torch.from_numpy(order).to(self._device)
        ways = (even, lambda row: row[..., places])

        def change(way: Any, number: int, weights: Any) -> Any | None:
            if number != at:
                return None
            other = weights.clone()
            other[:, :, place, words] = way(other[:, :, place, words])
            return other

        logits = []
        for way in ways:
            with imposed(self._model, partial(change, way)):
                logits.append(self._forward([text], False).logits[0].float().cpu().numpy())
        return np.array(logits, dtype=np.float32)

    def _call_of(self, text: Encoded, layer: int) -> int | None:
        """Return which call computes a layer's attention; None where it cannot be imposed on.

        It is found by imposing what is there, which must change nothing.
        """
        seen: list[Any] = []

        def keep(_: int, weights: Any) -> Any:
            seen.append(weights)
            return weights.clone()

        output = self._forward([text], True)
        try:
            with imposed(self._model, keep):
                again = self._forward([text], False)
        except (AttributeError, ImportError, KeyError, RuntimeError, TypeError, ValueError):
            return None
        shown = _attentions(output)[layer - 1]
        at = len(seen) - 1 - (self.shape.layers - layer) * (2 if self.shape.crossed else 1)
        same = at >= 0 and seen[at].shape == shown.shape and torch.allclose(seen[at], shown)
        unchanged = torch.allclose(again.logits, output.logits, atol=CLOSE, rtol=CLOSE)
        return at if same and unchanged else None

    def gradients(self, text: Encoded, predicted: int) -> NDArray[np.float64]:
        """Return integrated gradients [P] of a class's probability (Sundararajan et al. 2017).

        From padding, between the text's own special tokens, to the text along the straight line of
        the embeddings. They sum to the probability less that of the padding; special tokens get 0.
        """
        ids, segments, mask = self._tensors([text])
        special = torch.from_numpy(text.special).to(self._device)
        blank = torch.where(special, ids, self.padding)
        method, given, baseline = self._integrated(ids, blank)
        with warnings.catch_warnings():
            # Of a model that puts tokens before texts captum takes the tokens for examples.
            warnings.filterwarnings("ignore", "Internal batch size cannot be less")
            values = method.attribute(
                given,
                baseline,
                target=predicted,
                additional_forward_args=(segments, mask) if given is ids else (ids, segments, mask),
                n_steps=STEPS,
                internal_batch_size=self._fitting(len(text), 4 * max(self.shape.layers, 1)),
            )
        # Such a model gives [P, 1, E], others [1, P, E]; some pad a text by themselves.
        by_token = values.detach().float().sum(dim=-1).flatten()[: len(text)]
        attributions: NDArray[np.float64] = by_token.cpu().double().numpy()
        return attributions

    def _integrated(self, ids: Any, blank: Any) -> tuple[Any, Any, Any]:
        """Return captum's method, and what it goes to and comes from: token ids, or embeddings."""
        from captum.attr import IntegratedGradients, LayerIntegratedGradients

        if self._end is None:
            layer = self._model.get_input_embeddings()
            return LayerIntegratedGradients(self._probabilities, layer), ids, blank
        with torch.no_grad():
            ends = embeddings(self._model, ids), embeddings(self._model, blank)
        return IntegratedGradients(self._read), *ends

    def _read(self, embedded: Any, ids: Any, segments: Any, mask: Any) -> Any:
        with reading(self._model, embedded):
            return self._probabilities(ids, segments, mask)

    def _probabilities(self, ids: Any, segments: Any, mask: Any) -> Any:
        return torch.softmax(self._call(ids, segments, mask, False).logits.float(), dim=1)

    def _forward(self, texts: Sequence[Encoded], attentions: bool) -> Any:
        with torch.inference_mode():
            return self._call(*self._tensors(texts), attentions)

    def _call(self, ids: Any, segments: Any, mask: Any, attentions: bool) -> Any:
        given = {"token_type_ids": segments} if self._segmented else {}
        return self._model(
            input_ids=ids,
            attention_mask=mask,
            output_attentions=attentions,
            **given,
            **self._further,
        )

    def _tensors(self, texts: Sequence[Encoded]) -> tuple[Any, Any, Any]:
        """Return token ids, segments and mask [B, P], padded at the end."""
        columns = (
            ([text.ids for text in texts], self.padding),
            ([text.segments for text in texts], self._loaded.tokenizer.pad_token_type_id),
            ([[1] * len(text) for text in texts], 0),
        )
        ids, segments, mask = (
            pad_sequence([torch.tensor(row) for row in rows], True, value).to(self._device)
            for rows, value in columns
        )
        return ids, segments, mask

    def _batches(self, texts: Sequence[Encoded], layers: int) -> Iterator[list[int]]:
        """Yield the places of texts that are asked together, the longest first."""
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        if self._end is not None:  # where that token stands in a text, too, such a text is alone
            several = {i for i in order if texts[i].ids.count(self._end) > 1}
            yield from ([i] for i in sorted(several))
            order = [i for i in order if i not in several]
        start = 0
        while start < len(order):
            size = self._fitting(len(texts[order[start]]), layers)
            yield order[start : start + size]
            start += size

    def _fitting(self, tokens: int, layers: int) -> int:
        """Return how many texts of so many tokens fit into one batch."""
        if not self.shape.padded:
            return 1
        cells = max(self.shape.heads, 1) * layers * tokens**2
        return max(1, min(self._batch_size, self._cells // cells))

    def _probed(self) -> Shape:
        """Ask for two short texts of some tokens, alone and together."""
        special = {*self._loaded.tokenizer.all_special_ids, self.padding}
        usual = [i for i in range(min(len(self._loaded.tokenizer), 1000)) if i not in special]
        ids = (usual or [0])[:PROBE]
        end = [] if self._end is None else [self._end]
        long, short = (_encoded([*ids[: size - len(end)], *end]) for size in (PROBE, SHORT))
        alone = self._forward([short], True)
        if not torch.isfinite(alone.logits).all():
            raise CheckpointError(
                f"{self._loaded.name}: the model's logits are not finite; train it anew"
            )
        try:
            together = self._forward([long, short], False).logits[1:]
            padded = bool(torch.allclose(together, alone.logits, atol=CLOSE, rtol=CLOSE))
        except ValueError:  # a decoder without a padding token takes one text at a time
            padded = False
        attentions = _attentions(alone)
        square = all(a is not None and a.ndim == 4 and a.shape[2:] == (len(short),) * 2
                     for a in attentions)  # fmt: skip
        if not attentions or not square:
            return Shape(0, 0, False, padded)
        if self._end is not None:
            return Shape(len(attentions), attentions[-1].shape[1], False, padded, crossed=True)
        causal = len(short) > 1 and not attentions[-1][0, :, 0, 1:].any()
        return Shape(len(attentions), attentions[-1].shape[1], causal, padded)


def _attentions(output: Any) -> Sequence[Any]:
    """Return each layer's attention [B, H, P, P]: a decoder's to its encoder, if it has one."""
    return getattr(output, "cross_attentions", None) or getattr(output, "attentions", None) or ()


def _encoded(ids: list[int]) -> Encoded:
    return Encoded(ids, [0] * len(ids), np.zeros(len(ids), dtype=bool))
