"""Turn tokenized examples into vocab indices and batches of similar length, with torchtext."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torchtext.data as tt
from numpy.typing import NDArray
from torchtext.vocab import Vocab

from reportgen.records import Example

__all__ = ["Batch", "Fields", "to_word"]

UNKNOWN, PAD = "<unk>", "<pad>"
LONG_ROW = 1024  # words


def to_word(token: str) -> str:
    """Return the word under which the vocab knows a token: the token in lower case."""
    return sys.intern(token.lower())


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Examples of similar length, longest first.

    ``words`` [B, T] are vocab indices, padded on the right; ``lengths`` [B] count the real ones
    (0 is legal); ``labels`` [B] are class indices; ``positions`` [B] say which of the examples
    given these are.
    """

    words: torch.Tensor
    lengths: torch.Tensor
    labels: torch.Tensor
    positions: list[int]

    def __len__(self) -> int:
        return len(self.positions)


class _Lookup(dict[str, int]):
    # The mapping of torchtext adds every unknown word that is looked up and so grows without end.
    def __missing__(self, word: str) -> int:
        return 0


class Fields:
    """The torchtext fields of a checkpoint: how texts and labels become numbers, and back."""

    def __init__(self, words: Sequence[str], classes: Sequence[str]) -> None:
        self.text: Any = tt.Field(
            tokenize=list,
            preprocessing=tt.Pipeline(to_word),
            include_lengths=True,
            batch_first=True,
            unk_token=UNKNOWN,
            pad_token=PAD,
        )
        self.text.vocab = Vocab(Counter(), specials=[UNKNOWN, PAD])
        self.text.vocab.itos = list(words)
        self.text.vocab.stoi = _Lookup({word: i for i, word in enumerate(words)})
        self.label: Any = tt.LabelField(preprocessing=None)
        # All frequencies are equal, so torchtext keeps alphabetical order.
        self.label.vocab = Vocab(Counter(classes), specials=[])
        if self.label.vocab.itos != list(classes):
            raise ValueError("classes are not distinct and sorted")
        self.classes = tuple(classes)
        self._pairs = [("text", self.text), ("label", self.label)]

    @classmethod
    def build(
        cls, examples: Iterable[Example], classes: Sequence[str], max_words: int, min_count: int
    ) -> Fields:
        """Build the vocab: the most frequent words first, then alphabetically."""
        counter: Counter[str] = Counter()
        for example in examples:
            counter.update(map(to_word, example.tokens))
        vocab = Vocab(counter, max_size=max_words, min_freq=min_count, specials=[UNKNOWN, PAD])
        return cls(vocab.itos, classes)

    def extended(self, words: Iterable[str]) -> Fields:
        """Return these fields with the given words known too, at the end of the vocab."""
        return Fields(list(dict.fromkeys([*self.words, *words])), self.classes)

    @property
    def words(self) -> list[str]:
        """The vocab by index; 0 stands for every out-of-vocabulary word, 1 for padding."""
        return list(self.text.vocab.itos)

    def unknown(self, example: Example) -> NDArray[np.bool_]:
        """Return a mask [T], true where a token's word is out of vocabulary."""
        known = self.text.vocab.stoi  # the first two are no words, even where a text holds them
        return np.array([known[to_word(token)] < 2 for token in example.tokens], dtype=bool)

    def rows(
        self, examples: Sequence[Example], *, first: int | None = None, ends: int | None = None
    ) -> list[Any]:
        """Return one torchtext row per tokenized example.

        ``first`` reads only that many tokens of each; ``ends`` shortens a longer text to that
        many tokens, half of them from its start and half from its end (for training).
        """
        rows = []
        for position, example in enumerate(examples):
            tokens = example.tokens[:first]
            if ends is not None and len(tokens) > ends:
                tokens = tokens[: (ends + 1) // 2] + tokens[len(tokens) - ends // 2 :]
            label = example.label or self.classes[0]  # no label: prediction does not look at it
            row = tt.Example.fromlist((list(tokens), label), self._pairs)
            row.position = position
            rows.append(row)
        return rows

    def batches(
        self, rows: Sequence[Any], batch_size: int, *, device: str = "cpu"
    ) -> Iterator[Batch]:
        """Yield all rows from short to long, in batches of at most ``batch_size`` rows.

        A batch of very long rows has fewer: padded it holds at most ``batch_size * 1024`` words.
        """
        limit = batch_size * LONG_ROW

        def size(row: Any, count: int, _so_far: int) -> int:
            return count * max(len(row.text), LONG_ROW)

        for group in tt.iterator.batch(sorted(rows, key=_length), limit, size):
            if group:
                yield self._batch(group[::-1], device)

    def shuffled_batches(
        self, rows: Sequence[Any], batch_size: int, seed: int, *, device: str = "cpu"
    ) -> Iterator[Batch]:
        """Yield all rows once, shuffled by the seed, in batches of rows of similar length."""
        iterator = tt.BucketIterator(
            tt.Dataset(rows, self._pairs),
            batch_size,
            sort_key=_length,
            train=True,
            sort_within_batch=True,
        )
        iterator.random_shuffler = tt.utils.RandomShuffler(random.Random(seed).getstate())
        iterator.create_batches()
        for group in iterator.batches:
            yield self._batch(group[::-1], device)

    def _batch(self, group: list[Any], device: str) -> Batch:
        padded: Any = tt.Batch(group, tt.Dataset([], self._pairs), device=device)
        words, lengths = padded.text
        return Batch(words, lengths.cpu(), padded.label, [row.position for row in group])


def _length(row: Any) -> int:
    return len(row.text)
