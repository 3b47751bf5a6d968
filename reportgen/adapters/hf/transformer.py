"""Predict with a transformer: probabilities, one weight for each word, and tests of the weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.adapters.hf.labels import REMEDY, spellings
from reportgen.adapters.hf.loading import Loaded
from reportgen.adapters.hf.network import Network
from reportgen.adapters.hf.reading import Encoded, Pieces, reader
from reportgen.adapters.hf.weighing import ATTENTION, GRADIENTS, Method
from reportgen.errors import CheckpointError
from reportgen.explaining import (
    Probabilities,
    ReadText,
    Selection,
    Under,
    brief,
    groups,
    measure,
)
from reportgen.records import Example, Explanation, Labels, ModelInfo, Prediction, Weights

__all__ = ["Transformer"]

CHUNK = 2  # batches whose texts are sorted by length together
GROUP_WORDS = 512  # of the texts explained together: few, so that a bar moves


class Transformer:
    """A sequence classifier of Hugging Face with its tokenizer, on ``device``.

    ``max_tokens`` counts word-pieces, special tokens among them.

    Raises:
        UsageError: the method or ``max_tokens`` does not fit the model.
        CheckpointError: it gives no attention, or its logits are not finite.
    """

    def __init__(
        self,
        loaded: Loaded,
        method: Method,
        *,
        batch_size: int = 64,
        max_tokens: int | None = None,
        device: str = "cpu",
    ) -> None:
        self.classes, self.sha256 = loaded.classes, loaded.sha256
        self.source: Any = None  # how another process opens it, as whoever opened this one says
        self._loaded, self._method, self._batch_size = loaded, method, batch_size
        self._reader = reader(loaded.tokenizer, loaded.model, max_tokens)
        self._network = Network(loaded, batch_size, device)
        self.labels = Labels(spellings(loaded.classes), REMEDY)
        layers = self._network.shape.layers
        if not self._by_gradients and not layers:
            raise CheckpointError(
                f"{loaded.name}: {type(loaded.model).__name__} gives no attention between all"
                " tokens of a text; use --weights gradients"
            )
        method.check(self._network.shape)

    @property
    def _by_gradients(self) -> bool:
        return self._method.name == GRADIENTS

    @property
    def takes_weights(self) -> bool:
        """Whether it predicts under other weights: where those that are shown decide something."""
        return self._method.name == ATTENTION

    @property
    def activity(self) -> str:
        """What a prediction takes its time for."""
        return "predicting with gradients" if self._by_gradients else "predicting"

    @property
    def weights(self) -> Weights:
        """What the weights of its predictions are."""
        special = self._loaded.tokenizer.num_special_tokens_to_add() > 0
        return self._method.weights(self._network.shape, special)

    def info(self) -> ModelInfo:
        """Describe the model for the report."""
        import transformers

        config, tokenizer = self._loaded.model.config, self._loaded.tokenizer
        shape, limit = self._network.shape, self._reader.limit
        architecture = type(self._loaded.model).__name__
        kind = type(tokenizer.backend_tokenizer.model).__name__
        hidden = getattr(config, "hidden_size", None)
        sizes = [f"{shape.layers} layers of {shape.heads} heads"] * bool(shape.layers)
        sizes += [f"{hidden:,} hidden units"] * bool(hidden)
        side = "last" if tokenizer.truncation_side == "left" else "first"
        cut = f", of a text the {side} {limit:,}" if limit else ""
        return ModelInfo(
            name=self._loaded.name,
            description=", ".join(
                [architecture, *sizes, f"by transformers {transformers.__version__}"]
            ),
            tokenizer=f"{type(tokenizer).__name__} ({kind}), {len(tokenizer):,} word-pieces{cut}",
            checkpoint_sha256=self.sha256 or None,
            parameters=self._network.parameters,
            settings={
                "architecture": architecture,
                "model_type": config.model_type,
                "tokenizer": kind,
                "max_length": limit,
                "dtype": str(self._loaded.model.dtype).removeprefix("torch."),
                "transformers": transformers.__version__,
            },
        )

    def packages(self, explained: bool) -> tuple[str, ...]:
        """Name the packages that predict, and explain if something is explained."""
        gradients = ("captum",) if explained or self._by_gradients else ()
        return (*gradients, "safetensors", "tokenizers", "torch", "transformers")

    def predict(self, examples: Iterable[Example]) -> Iterator[Prediction]:
        """Yield one prediction per example, in order, with one weight for each word.

        Weights of words that the model did not read are NaN.
        """
        stream = iter(examples)
        while chunk := list(islice(stream, CHUNK * self._batch_size)):
            read = self._reader.read_words([example.text for example in chunk])
            texts = [encoded for encoded, _ in read]
            if self._by_gradients:
                logits = self._network.logits(texts)
                for example, row, (encoded, pieces) in zip(chunk, logits, read, strict=True):
                    values = self._gradients(encoded, pieces, int(row.argmax()))
                    yield _prediction(example, pieces, row, values)
            else:
                answers = self._network.answers(texts, self._method)
                for example, (row, weights), (encoded, pieces) in zip(
                    chunk, answers, read, strict=True
                ):
                    spread = pieces.spread(weights[:, ~encoded.special])
                    mean, *heads = pieces.words.weights(spread, "attention")
                    prediction = _prediction(example, pieces, row, mean)
                    yield replace(prediction, heads=np.array(heads)) if heads else prediction

    def _gradients(self, encoded: Encoded, pieces: Pieces, predicted: int) -> NDArray[np.float32]:
        """Return integrated gradients [W] of the words of a text."""
        values = self._network.gradients(encoded, predicted)
        return pieces.words.weights(pieces.spread(values[~encoded.special]), "attribution")

    def explain(
        self, predictions: Iterable[Prediction], seed: int
    ) -> Iterator[tuple[str, Explanation]]:
        """Yield the id and the explanation of each prediction of which a word was read.

        Words are deleted from the text, which is tokenized anew. They come a group of similar
        length at a time, not in the order of the predictions. Other attention is imposed on the
        layer and the token whose weights are shown, where the model allows it; gradients and the
        rollout are no such weights.
        """
        for group in self.groups(predictions, seed):
            yield from self.explain_group(group)

    def groups(self, predictions: Iterable[Prediction], seed: int) -> Iterator[list[ReadText]]:
        """Yield what was read of the predictions, in groups that are explained together."""
        return groups(predictions, seed, GROUP_WORDS)

    def explain_group(self, texts: Sequence[ReadText]) -> list[tuple[str, Explanation]]:
        """Return the ids and the explanations of texts of similar length."""
        gradients = [self._gradients_of(text) for text in texts]
        ids = [text.prediction.id for text in texts]
        under = self._under(texts)
        return list(zip(ids, measure(texts, self._without(texts), gradients, under), strict=True))

    def explain_briefly(self, texts: Sequence[ReadText]) -> list[tuple[str, Explanation]]:
        """Return ids and what the predictions of a group are under other weights alone."""
        under = self._under(texts)
        return [] if under is None else brief(texts, under)

    def _gradients_of(self, text: ReadText) -> NDArray[np.float64]:
        if self._by_gradients:
            return text.weights
        ((encoded, pieces),) = self._reader.read_words([text.prediction.text])
        return self._gradients(encoded, pieces, text.predicted)[text.read].astype(np.float64)

    def _under(self, texts: Sequence[ReadText]) -> list[Under] | None:
        """Return by text the class probabilities [K] under even and under shuffled weights."""
        if not self.takes_weights:
            return None
        found = []
        for text in texts:
            (encoded,) = self._reader.read([text.prediction.text])
            (rng,) = text.rng.spawn(1)
            order = rng.permutation(int((~encoded.special).sum()))
            logits = self._network.under(encoded, self._method, order)
            if logits is None:
                return None
            uniform, permuted = _softmax(logits).astype(np.float32)
            found.append((uniform, permuted))
        return found

    def _without(self, texts: Sequence[ReadText]) -> Probabilities:
        """Return what gives the probabilities of texts with some of their words."""

        def probabilities(
            plans: Sequence[Sequence[Selection]],
        ) -> list[NDArray[np.float32]]:
            written = [
                [_with(text, kept) for kept in plan]
                for text, plan in zip(texts, plans, strict=True)
            ]
            distinct = list(dict.fromkeys(chain.from_iterable(written)))
            if not distinct:
                return [np.zeros(0, dtype=np.float32) for _ in texts]
            answers = _softmax(self._network.logits(self._reader.read(distinct)))
            row = dict(zip(distinct, answers, strict=True))
            return [
                np.array([row[one][text.predicted] for one in plan], dtype=np.float32)
                for text, plan in zip(texts, written, strict=True)
            ]

        return probabilities


def _with(text: ReadText, kept: Selection) -> str:
    """Return the text with only the words at these places, each after what stands before it.

    A word without a place in the text is in none of its parts.
    """
    spans = text.prediction.spans or ()
    known = [span for span, read in zip(spans, text.read, strict=True) if read]
    ends = [0, *accumulate((span[1] if span else 0 for span in known), max)]
    parts: list[str] = []
    for place in kept.tolist():
        if span := known[place]:
            start = ends[place] if parts else span[0]
            parts.append(text.prediction.text[start : span[1]])
    return "".join(parts)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the probabilities [N, K] of logits."""
    rows = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = rows / rows.sum(axis=1, keepdims=True)
    return probabilities


def _prediction(
    example: Example, pieces: Pieces, logits: NDArray[np.float32], weights: NDArray[np.float32]
) -> Prediction:
    words, text = pieces.words, example.text
    spans = words.spans or (None,) * len(words.tokens)
    return Prediction(
        id=example.id,
        text=text,
        label=example.label,
        probabilities=_softmax(logits[None])[0].astype(np.float32),
        tokens=tuple(text[slice(*s)] if s else w for w, s in zip(words.tokens, spans, strict=True)),
        attention=weights,
        spans=spans,
        unknown=words.any(pieces.unknown),
        logits=logits,
        extra=example.extra,
    )
