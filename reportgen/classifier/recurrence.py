"""Run a bidirectional GRU over word indices, without gradients, on a CPU.

A text has far fewer words than tokens, and a batch of its variants hardly more words than the text:
each distinct word is multiplied by the input weights once, which PyTorch's own GRU does for every
token. The rest follows torch.nn.GRU: its formulas, its order of gates (reset, update, new), its
packed sequences.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

__all__ = ["encode_words"]


def encode_words(
    gru: nn.GRU, embedding: Tensor, words: Tensor, lengths: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the outputs [B, T, 2H], zero on padding, and both last hidden states [B, 2H].

    ``embedding`` is [V, E], ``words`` [B, T] are its rows, ``lengths`` [B] are at least 1.
    """
    packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
    sizes = packed.batch_sizes.tolist()
    distinct, places = torch.unique(packed.data, return_inverse=True)
    inputs = embedding[distinct]
    for layer in range(gru.num_layers):
        outputs = inputs.new_empty(len(packed.data), 2 * gru.hidden_size)
        last = []
        halves = outputs[:, : gru.hidden_size], outputs[:, gru.hidden_size :]
        for suffix, half in zip((f"l{layer}", f"l{layer}_reverse"), halves, strict=True):
            w_in, w, b_in, b = (
                getattr(gru, f"{name}_{suffix}")
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            gates = torch.addmm(b_in, inputs, w_in.T)
            if layer == 0:
                gates = gates[places]
            steps = range(len(sizes))
            last.append(
                _direction(
                    gates, sizes, steps[::-1] if "reverse" in suffix else steps, (w, b), half
                )
            )
        inputs = outputs
    keys, _ = pad_packed_sequence(
        PackedSequence(outputs, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices),
        batch_first=True,
        total_length=words.shape[1],
    )
    return keys, torch.cat(last, dim=1)[packed.unsorted_indices]


def _direction(
    gates: Tensor,
    sizes: Sequence[int],
    steps: range,
    weights: tuple[Tensor, Tensor],
    outputs: Tensor,
) -> Tensor:
    """Fill the outputs [N, H] of one direction; return its last hidden states [B, H].

    ``gates`` [N, 3H] are the inputs' part; ``sizes`` count the rows of each step, longest first.
    """
    size = outputs.shape[1]
    across, bias = weights[0].T, weights[1]
    starts = [0]
    for rows in sizes:
        starts.append(starts[-1] + rows)
    hidden = gates.new_zeros(sizes[0], size)
    work = gates.new_empty(sizes[0], 3 * size)  # reused: fresh memory costs more than the sums
    for step in steps:
        state, gate = hidden[: sizes[step]], work[: sizes[step]]
        given = gates[starts[step] : starts[step + 1]]
        torch.addmm(bias, state, across, out=gate)
        both = gate[:, : 2 * size].add_(given[:, : 2 * size]).sigmoid_()
        reset, update = both[:, :size], both[:, size:]
        new = gate[:, 2 * size :].mul_(reset).add_(given[:, 2 * size :]).tanh_()
        torch.lerp(new, state, update, out=state)
        outputs[starts[step] : starts[step + 1]] = state
    return hidden
