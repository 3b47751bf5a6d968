"""Tokenize texts for a transformer, and find the words that its word-pieces belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import UsageError
from reportgen.subwords import Words, find_words

__all__ = ["Encoded", "Reader", "reader"]

UNLIMITED = 1_000_000  # tokens; what tokenizers without a limit give is a number like 1e30


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A text as the model reads it: token ids [P], their segments [P], which are special [P]."""

    ids: list[int]
    segments: list[int]
    special: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """A fast tokenizer, and the most tokens that its model reads, special tokens included.

    ``empty`` is the special token that stands for a text without any token.
    """

    tokenizer: Any
    limit: int | None
    empty: int

    def read(self, texts: Sequence[str]) -> list[Encoded]:
        """Tokenize texts as the model reads them, cut to the limit."""
        return [self._encoded(e) for e in self._encode(texts, self.limit)]

    def read_words(self, texts: Sequence[str]) -> list[tuple[Encoded, Pieces]]:
        """Tokenize texts, and find the words of all of their tokens, those not read too."""
        whole = self._encode(texts, None)
        long = [i for i, e in enumerate(whole) if self.limit is not None and len(e) > self.limit]
        cut = dict(zip(long, self.read([texts[i] for i in long]), strict=True))
        results = []
        for i, (text, encoding) in enumerate(zip(texts, whole, strict=True)):
            read = cut[i] if i in cut else self._encoded(encoding)
            results.append((read, self._pieces(text, encoding, read)))
        return results

    def _encode(self, texts: Sequence[str], limit: int | None) -> list[Any]:
        if not texts:
            return []
        encodings: list[Any] = self.tokenizer(
            list(texts),
            truncation=limit is not None,
            max_length=limit,
            padding=False,
            verbose=False,
        ).encodings
        return encodings

    def _encoded(self, encoding: Any) -> Encoded:
        if not encoding.ids:
            return Encoded([self.empty], [0], np.ones(1, dtype=bool))
        special = np.array(encoding.special_tokens_mask, dtype=bool)
        return Encoded(encoding.ids, encoding.type_ids, special)

    def _pieces(self, text: str, encoding: Any, read: Encoded) -> Pieces:
        special = np.array(encoding.special_tokens_mask, dtype=bool)
        words = find_words(
            encoding.tokens, encoding.offsets, text, _word_ids(text, encoding, special)
        )
        places = np.flatnonzero(~special)  # of tokens of the text
        count = int((~read.special).sum())
        left = self.tokenizer.truncation_side == "left"
        unknown = np.array(encoding.ids) == self.tokenizer.unk_token_id
        return Pieces(words, places[len(places) - count :] if left else places[:count], unknown)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The words of a text's T tokens, and which of those tokens were read, by their places.

    ``unknown`` [T] are tokens that stand for what the vocab lacks.
    """

    words: Words
    read: NDArray[np.int64]
    unknown: NDArray[np.bool_]

    def spread(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spread numbers of the tokens read [..., n] over all tokens [..., T]; NaN elsewhere."""
        spread = np.full((*values.shape[:-1], len(self.unknown)), np.nan)
        spread[..., self.read] = values
        return spread


def reader(tokenizer: Any, model: Any, max_tokens: int | None) -> Reader:
    """Return the reader of a model's texts; ``max_tokens`` lowers the limit of the model.

    Raises:
        UsageError: it leaves no token of a text.
    """
    limits = [tokenizer.model_max_length, _positions(model), max_tokens]
    known = [int(limit) for limit in limits if limit is not None and 0 < limit < UNLIMITED]
    limit = min(known, default=None)
    special = tokenizer.num_special_tokens_to_add()
    if limit is not None and limit <= special:
        raise UsageError(
            f"--max-tokens {limit}: the model adds {special} special tokens to each text, which"
            f" count; use at least {special + 1}"
        )
    ends = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
    return Reader(tokenizer, limit, next((i for i in ends if i is not None), 0))


def _positions(model: Any) -> int | None:
    """Return how many positions the model has; RoBERTa's first one comes after the padding's."""
    count: int | None = getattr(model.config, "max_position_embeddings", None)
    for name, module in model.named_modules():
        if (
            name.endswith("position_embeddings")
            and getattr(module, "padding_idx", None) is not None
        ):
            return int(module.num_embeddings - module.padding_idx - 1)
    return count


def _word_ids(text: str, encoding: Any, special: NDArray[np.bool_]) -> list[int | None]:
    """Return the tokenizer's words, divided at white space.

    Some tokenizers (of SentencePiece) take a whole text for one word.
    """
    ids: list[int | None] = []
    word, before = -1, None
    for (start, _), given, out in zip(encoding.offsets, encoding.word_ids, special, strict=True):
        if out:
            ids.append(None)
            continue
        if given is None or given != before or text[start : start + 1].isspace():
            word += 1
        ids.append(word)
        before = given
    return ids
