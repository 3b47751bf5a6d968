from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from reportgen.classifier.model import PAD_INDEX, BidirectionalGRU, SelfAttention

from .conftest import make_model


def padded(rows: list[list[int]], extra: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = torch.tensor([len(row) for row in rows])
    words = torch.full((len(rows), int(lengths.max()) + extra), PAD_INDEX)
    for i, row in enumerate(rows):
        words[i, : len(row)] = torch.tensor(row, dtype=torch.long)
    return words, lengths


def random_row(length: int, seed: int = 0) -> list[int]:
    made = torch.Generator().manual_seed(1_000 * seed + length)
    return torch.randint(2, 32, (length,), generator=made).tolist()


def mask_of(lengths: list[int], width: int) -> torch.Tensor:
    return torch.arange(width) < torch.tensor(lengths)[:, None]


# --- attention ---


def test_attention_is_the_formula_of_the_article() -> None:
    torch.manual_seed(3)
    query, keys = torch.randn(4, 6), torch.randn(4, 9, 6)
    scores = query.unsqueeze(1) @ keys.transpose(1, 2) / math.sqrt(6)  # [B, 1, T]
    expected_weights = torch.softmax(scores, dim=-1)
    expected = expected_weights @ keys  # [B, 1, D]

    attended, weights = SelfAttention()(query, keys, mask_of([9] * 4, 9))

    torch.testing.assert_close(weights, expected_weights.squeeze(1))
    torch.testing.assert_close(attended, expected.squeeze(1))


def test_attention_of_a_padded_row_is_the_formula_on_its_real_tokens() -> None:
    torch.manual_seed(4)
    query, keys = torch.randn(1, 6), torch.randn(1, 9, 6)
    short = torch.softmax(query.unsqueeze(1) @ keys[:, :5].transpose(1, 2) / math.sqrt(6), dim=-1)

    attended, weights = SelfAttention()(query, keys, mask_of([5], 9))

    torch.testing.assert_close(weights[:, :5], short.squeeze(1))
    torch.testing.assert_close(attended, (short @ keys[:, :5]).squeeze(1))


def test_attention_is_zero_on_padding_and_sums_to_one_on_real_tokens() -> None:
    torch.manual_seed(5)
    lengths = [1, 7, 4]
    _, weights = SelfAttention()(torch.randn(3, 6), torch.randn(3, 7, 6), mask_of(lengths, 7))
    assert torch.all(weights[~mask_of(lengths, 7)] == 0)
    assert torch.all(weights[mask_of(lengths, 7)] > 0)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(3))


def test_attention_survives_scores_too_large_for_an_exponential() -> None:
    query, keys = torch.full((1, 4), 1e4), torch.tensor([[[1e4] * 4, [-1e4] * 4, [0.0] * 4]])
    _, weights = SelfAttention()(query, keys, mask_of([3], 3))
    assert weights.tolist() == [[1.0, 0.0, 0.0]]


def test_a_row_without_tokens_gets_zero_weights_and_a_zero_vector() -> None:
    query = torch.randn(2, 6, requires_grad=True)
    attended, weights = SelfAttention()(query, torch.randn(2, 3, 6), mask_of([0, 2], 3))
    assert torch.all(weights[0] == 0)
    assert torch.all(attended[0] == 0)
    assert weights[1].sum().item() == pytest.approx(1)
    attended.sum().backward()
    assert torch.isfinite(query.grad).all()


def test_given_weights_replace_the_softmax_and_are_zeroed_on_padding() -> None:
    torch.manual_seed(6)
    keys, mask = torch.randn(2, 4, 6), mask_of([4, 2], 4)
    uniform = torch.full((2, 4), 0.25)
    attended, weights = SelfAttention()(torch.randn(2, 6), keys, mask, uniform)
    assert weights.tolist() == [[0.25] * 4, [0.25, 0.25, 0.0, 0.0]]
    torch.testing.assert_close(attended[0], keys[0].mean(dim=0))
    torch.testing.assert_close(attended[1], keys[1, :2].sum(dim=0) / 4)


# --- the recurrent network, and its two routes ---


def reference_of(gru: BidirectionalGRU) -> nn.GRU:
    made = nn.GRU(gru.input_size, gru.hidden_size, gru.num_layers, True, True, 0.0, True)
    made.load_state_dict(gru.state_dict())
    return made.eval()


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_both_routes_and_their_gradients_equal_a_packed_gru(layers: int) -> None:
    torch.manual_seed(layers)
    gru = BidirectionalGRU(5, 4, layers, dropout=0.3).eval()
    reference = reference_of(gru)
    lengths = torch.tensor([3, 1, 8, 5])
    inputs = torch.randn(4, 8, 5)
    ours, theirs = inputs.clone().requires_grad_(), inputs.clone().requires_grad_()

    keys, query = gru.encode(ours, lengths)
    with torch.no_grad():
        packed_keys, packed_query = gru.encode(inputs, lengths)
    packed = pack_padded_sequence(theirs, lengths, batch_first=True, enforce_sorted=False)
    outputs, hidden = reference(packed)
    wanted, _ = pad_packed_sequence(outputs, batch_first=True)

    close = {"rtol": 0, "atol": 1e-6}
    for made in (keys, packed_keys):
        torch.testing.assert_close(made, wanted, **close)
    for made in (query, packed_query):
        torch.testing.assert_close(made, torch.cat((hidden[-2], hidden[-1]), dim=1), **close)

    factor = torch.randn_like(wanted)
    ((keys * factor).sum() + query.square().sum()).backward()
    ((wanted * factor).sum() + hidden[-2:].square().sum()).backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-5, atol=1e-6)
    assert torch.all(ours.grad[1, 1:] == 0), "padding has no gradient"
    for (name, weight), other in zip(gru.named_parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(weight.grad, other.grad, rtol=1e-4, atol=1e-5, msg=name)


def test_the_query_is_the_last_hidden_state_of_both_directions_of_the_top_layer() -> None:
    torch.manual_seed(0)
    gru = BidirectionalGRU(5, 4, 2, dropout=0.0).eval()
    inputs = torch.randn(2, 6, 5)
    with torch.no_grad():
        keys, query = gru.encode(inputs, torch.tensor([6, 3]))
    # Ahead, the last step is the last token; behind, it is the first.
    torch.testing.assert_close(query[0], torch.cat((keys[0, 5, :4], keys[0, 0, 4:])))
    torch.testing.assert_close(query[1], torch.cat((keys[1, 2, :4], keys[1, 0, 4:])))
    assert torch.all(keys[1, 3:] == 0)


def test_dropout_between_layers_acts_in_training_only() -> None:
    torch.manual_seed(0)
    gru = BidirectionalGRU(5, 4, 2, dropout=0.5)
    inputs, lengths = torch.randn(2, 6, 5), torch.tensor([6, 3])
    assert not torch.equal(gru.encode(inputs, lengths)[0], gru.encode(inputs, lengths)[0])
    gru.eval()
    assert torch.equal(gru.encode(inputs, lengths)[0], gru.encode(inputs, lengths)[0])


# --- the classifier ---


def reference_logits(model: nn.Module, row: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """The article's model on one unpadded text, without a line of ours."""
    outputs, hidden = reference_of(model.gru)(model.embedding(torch.tensor([row])))
    query = torch.cat((hidden[-2], hidden[-1]), dim=1)
    scores = query.unsqueeze(1) @ outputs.transpose(1, 2) / math.sqrt(outputs.shape[-1])
    weights = torch.softmax(scores, dim=-1)
    return model.linear((weights @ outputs).squeeze(1))[0], weights[0, 0]


@pytest.mark.parametrize("layers", [1, 3])
def test_the_classifier_is_the_article_s_model(layers: int) -> None:
    model = make_model(num_layers=layers)
    rows = [random_row(n) for n in (4, 11, 1)]
    with torch.no_grad():
        output = model(*padded(rows))
        for i, row in enumerate(rows):
            logits, weights = reference_logits(model, row)
            torch.testing.assert_close(output.logits[i], logits, rtol=0, atol=1e-5)
            torch.testing.assert_close(output.attention[i, : len(row)], weights, rtol=0, atol=1e-5)


@pytest.mark.parametrize("layers", [1, 2])
def test_packed_and_padded_routes_give_the_same_logits_and_attention(layers: int) -> None:
    model = make_model(num_layers=layers)
    words, lengths = padded([random_row(n) for n in (0, 5, 17, 1)])
    with_gradients = model(words, lengths)
    with torch.no_grad():
        without = model(words, lengths)
    assert with_gradients.logits.requires_grad
    torch.testing.assert_close(with_gradients.logits, without.logits, rtol=0, atol=1e-6)
    torch.testing.assert_close(with_gradients.attention, without.attention, rtol=0, atol=1e-6)


def test_dropout_acts_on_the_embedding_and_before_the_linear_layer_in_training_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = make_model(embedding_dim=50, hidden_size=50, dropout=0.4)
    given: list[torch.Tensor] = []
    encode = model.gru.encode
    monkeypatch.setattr(model.gru, "encode", lambda *a: (given.append(a[0]), encode(*a))[1])
    model.linear.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0]))
    for mode, share in ((True, 0.4), (False, 0.0)):
        given.clear()
        model.train(mode)(*padded([random_row(40, seed) for seed in range(8)]))
        shares = [(values == 0).float().mean().item() for values in given]
        assert shares == pytest.approx([share, share], abs=0.1 if mode else 0)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_the_classifier_has_one_logit_per_class(classes: int) -> None:
    output = make_model(num_classes=classes)(*padded([random_row(4), random_row(6)]))
    assert output.logits.shape == (2, classes)
    assert output.attention.shape == (2, 6)


def test_given_weights_are_what_the_classifier_uses() -> None:
    model = make_model()
    words, lengths = padded([random_row(5), random_row(3)])
    with torch.no_grad():
        own = model(words, lengths)
        same = model(words, lengths, own.attention)
        flipped = own.attention.clone()
        flipped[0] = flipped[0].flip(0)
        permuted = model(words, lengths, flipped)
        uniform = model(words, lengths, torch.full((2, 5), 0.2))
    torch.testing.assert_close(same.logits, own.logits)
    assert torch.equal(permuted.attention, flipped)
    assert not torch.allclose(permuted.logits[0], own.logits[0], atol=1e-4)
    torch.testing.assert_close(permuted.logits[1], own.logits[1])
    assert uniform.attention[1].tolist() == pytest.approx([0.2, 0.2, 0.2, 0, 0])


def test_a_text_without_tokens_is_classified_from_a_zero_vector() -> None:
    model = make_model()
    with torch.no_grad():
        alone = model(torch.empty(2, 0, dtype=torch.long), torch.tensor([0, 0]))
        among = model(*padded([[], random_row(4)]))
        given_ = model(torch.empty(1, 0, dtype=torch.long), torch.tensor([0]), torch.empty(1, 0))
    for logits in (alone.logits[0], alone.logits[1], among.logits[0], given_.logits[0]):
        torch.testing.assert_close(logits, model.linear.bias.detach())
    assert torch.all(alone.attention == 0)
    assert torch.all(among.attention[0] == 0)


def test_padding_is_a_zero_vector_that_is_never_learnt() -> None:
    model = make_model()
    assert torch.all(model.embedding.weight[PAD_INDEX] == 0)
    words, lengths = padded([random_row(3), random_row(6)])
    model(words, lengths).logits.square().sum().backward()
    assert torch.all(model.embedding.weight.grad[PAD_INDEX] == 0)


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=7),
    order=st.randoms(use_true_random=False),
    extra=st.integers(0, 30),
)
def test_neither_batch_nor_order_nor_padding_changes_the_output(
    lengths: list[int], order: object, extra: int
) -> None:
    model = make_model(num_layers=2)
    rows = [random_row(n, seed) for seed, n in enumerate(lengths)]
    places = list(range(len(rows)))
    order.shuffle(places)  # type: ignore[attr-defined]
    with torch.no_grad():
        together = model(*padded([rows[i] for i in places], extra))
        for i, place in enumerate(places):
            alone = model(*padded([rows[place]]))
            size = len(rows[place])
            torch.testing.assert_close(together.logits[i], alone.logits[0], rtol=0, atol=1e-5)
            torch.testing.assert_close(
                together.attention[i, :size], alone.attention[0, :size], rtol=0, atol=1e-5
            )
            assert torch.all(together.attention[i, size:] == 0)


def test_a_text_of_2500_tokens_reads_the_same_alone_and_among_short_ones() -> None:
    model = make_model()
    rows = [random_row(n) for n in (2_500, 0, 3)]
    with torch.no_grad():
        together = model(*padded(rows, extra=20))
        alone = [model(*padded([row])) for row in rows]
    for i, row in enumerate(rows):
        torch.testing.assert_close(together.logits[i], alone[i].logits[0], rtol=0, atol=1e-5)
        size = len(row)
        torch.testing.assert_close(
            together.attention[i, :size], alone[i].attention[0, :size], rtol=0, atol=1e-5
        )
    assert together.attention[0].sum().item() == pytest.approx(1, abs=1e-5)
