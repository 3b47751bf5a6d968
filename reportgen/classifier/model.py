"""The classifier: a bidirectional GRU with self-attention, from word indices to class logits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from reportgen.classifier.recurrence import encode_words

__all__ = ["AttentionClassifier", "ModelConfig", "Output", "SelfAttention"]

PAD_INDEX = 1


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The hyper-parameters that fix the shapes of the weights, and the dropout of training."""

    vocab_size: int
    num_classes: int
    embedding_dim: int = 100
    hidden_size: int = 128
    num_layers: int = 1
    dropout: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)  # a comparison of tensors has no single answer
class Output:
    """``logits`` [B, K] and ``attention`` [B, T], zero on padding."""

    logits: Tensor
    attention: Tensor


class SelfAttention(nn.Module):
    """Scaled dot-product attention of one query over a sequence, softmax over real tokens only.

    score = q . k / sqrt(d) (Vaswani et al. 2017, equation 1); the values are the keys.
    """

    def forward(
        self, query: Tensor, keys: Tensor, mask: Tensor, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the attended vector [B, D] and the weights [B, T].

        ``query`` [B, D], ``keys`` [B, T, D], ``mask`` [B, T] true on real tokens. Given
        ``weights`` [B, T] replace the softmax (they are zeroed on padding, not rescaled). A row
        without real tokens gets zero weights and a zero vector.
        """
        if weights is None:
            scores = torch.einsum("bd,btd->bt", query, keys) / math.sqrt(keys.shape[-1])
            scores = scores.masked_fill(~mask, float("-inf"))
            scores = scores.masked_fill(~mask.any(dim=1, keepdim=True), 0.0)
            weights = torch.softmax(scores, dim=1)
        weights = weights * mask  # [B, T]
        return torch.einsum("bt,btd->bd", weights, keys), weights


class BidirectionalGRU(nn.GRU):
    """A multi-layer bidirectional GRU that never reads padding, computed in two equal ways.

    Without gradients it runs on packed sequences. With gradients it runs each direction of each
    layer over the padded batch, the backward one over rows reversed within their lengths: the
    gradient of a packed sequence costs time in the square of its length on a CPU.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int, dropout: float) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            bidirectional=True,
            dropout=dropout if num_layers > 1 else 0.0,
        )
        sizes = {input_size, 2 * hidden_size}
        # Shapes without numbers: the weights of one direction are lent to them at each call.
        self._shapes = {
            size: nn.GRU(size, hidden_size, batch_first=True, device="meta") for size in sizes
        }

    def encode(self, embedded: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the outputs [B, T, 2H], zero on padding, and both last hidden states [B, 2H].

        ``embedded`` is [B, T, E]; ``lengths`` [B], on the CPU, are at least 1.
        """
        if torch.is_grad_enabled():
            return self._encode_padded(embedded, lengths.to(embedded.device))
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        outputs, hidden = self(packed)  # hidden [layers * 2, B, H]
        keys, _ = pad_packed_sequence(outputs, batch_first=True, total_length=embedded.shape[1])
        return keys, torch.cat((hidden[-2], hidden[-1]), dim=1)

    def _encode_padded(self, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        steps = torch.arange(inputs.shape[1], device=inputs.device)
        mask = steps < lengths[:, None]  # [B, T]
        # Position t of a row reversed within its length; padding stays where it is.
        back = torch.where(mask, lengths[:, None] - 1 - steps, steps)[:, :, None]  # [B, T, 1]
        for layer in range(self.num_layers):
            if layer:
                inputs = nn.functional.dropout(inputs, self.dropout, self.training)
            ahead = self._direction(inputs, f"l{layer}")  # [B, T, H]
            mirrored = inputs.gather(1, back.expand(-1, -1, inputs.shape[2]))
            behind = self._direction(mirrored, f"l{layer}_reverse")
            last = (
                ahead[torch.arange(len(ahead)), lengths - 1],
                behind[torch.arange(len(behind)), lengths - 1],
            )
            behind = behind.gather(1, back.expand(-1, -1, self.hidden_size))
            inputs = torch.cat((ahead, behind), dim=2) * mask[:, :, None]  # [B, T, 2H]
        return inputs, torch.cat(last, dim=1)

    def _direction(self, inputs: Tensor, suffix: str) -> Tensor:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = {f"{name}_l0": getattr(self, f"{name}_{suffix}") for name in names}
        outputs: Tensor = functional_call(self._shapes[inputs.shape[2]], weights, (inputs,))[0]
        return outputs


class AttentionClassifier(nn.Module):
    """Embedding, packed bidirectional GRU, self-attention, dropout, linear."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_dim, PAD_INDEX)
        self.gru = BidirectionalGRU(
            config.embedding_dim, config.hidden_size, config.num_layers, config.dropout
        )
        self.attention = SelfAttention()
        self.dropout = nn.Dropout(config.dropout)
        self.linear = nn.Linear(2 * config.hidden_size, config.num_classes)

    def forward(self, words: Tensor, lengths: Tensor, weights: Tensor | None = None) -> Output:
        """Classify a batch.

        ``words`` [B, T] are vocab indices; ``lengths`` [B], on the CPU, count the real tokens
        of each row (0 is legal: the class then follows from a zero vector). ``weights`` [B, T]
        replace the attention where given.
        """
        if words.shape[1] == 0:
            words = words.new_full((words.shape[0], 1), PAD_INDEX)
            weights = None if weights is None else weights.new_zeros(weights.shape[0], 1)
        keys, query = self._encode(words, lengths.clamp(min=1))  # [B, T, 2H], [B, 2H]
        mask = torch.arange(words.shape[1]) < lengths[:, None]  # [B, T]
        attended, attention = self.attention(query, keys, mask.to(keys.device), weights)
        return Output(self.linear(self.dropout(attended)), attention)

    def _encode(self, words: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        # Not merely without gradients: captum then hooks the embedding and must find it called.
        if words.is_cpu and not self.training and torch.is_inference_mode_enabled():
            return encode_words(self.gru, self.embedding.weight, words, lengths)
        return self.gru.encode(self.dropout(self.embedding(words)), lengths)
