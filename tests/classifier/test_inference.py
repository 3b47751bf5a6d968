from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.classifier import inference
from reportgen.classifier.checkpoint import Checkpoint
from reportgen.classifier.inference import choose_device, predict
from reportgen.corpus.tokenizers import Tokenizer
from reportgen.errors import TokenizeError, UsageError
from reportgen.records import Example, Prediction

from .conftest import make_checkpoint


def text_of(length: int, seed: int = 0) -> str:
    return " ".join(f"w{(7 * i + seed * 5 + i * i) % 33}" for i in range(length))


def examples_of(lengths: list[int]) -> list[Example]:
    return [Example(f"e{i}", text_of(n, i), "good") for i, n in enumerate(lengths)]


def same(a: Prediction, b: Prediction) -> None:
    assert (a.id, a.tokens, a.spans) == (b.id, b.tokens, b.spans)
    np.testing.assert_allclose(a.logits, b.logits, rtol=0, atol=1e-5)
    np.testing.assert_allclose(a.probabilities, b.probabilities, rtol=0, atol=1e-5)
    np.testing.assert_allclose(a.attention, b.attention, rtol=0, atol=1e-5)


def test_predictions_come_in_the_order_of_the_examples(checkpoint: Checkpoint) -> None:
    examples = examples_of([9, 0, 30, 2, 9, 1])
    made = list(predict(checkpoint, iter(examples), batch_size=2))
    assert [p.id for p in made] == ["e0", "e1", "e2", "e3", "e4", "e5"]
    assert [len(p.tokens) for p in made] == [9, 0, 30, 2, 9, 1]


def test_a_prediction_carries_its_example(checkpoint: Checkpoint) -> None:
    given_ = Example("id 1", "W1, nowhere w2!", "so-so", extra={"topic": "film"})
    (made,) = predict(checkpoint, [given_])
    assert (made.id, made.text, made.label, made.extra) == (
        "id 1", "W1, nowhere w2!", "so-so", {"topic": "film"},
    )  # fmt: skip
    assert made.tokens == ("W1", ",", "nowhere", "w2", "!")
    assert made.spans == ((0, 2), (2, 3), (4, 11), (12, 14), (14, 15))
    assert made.unknown.tolist() == [False, True, True, False, True]
    assert made.in_train is None


def test_probabilities_are_the_softmax_of_the_logits(checkpoint: Checkpoint) -> None:
    for made in predict(checkpoint, examples_of([5, 0, 12])):
        exps = [math.exp(x) for x in made.logits.tolist()]
        np.testing.assert_allclose(made.probabilities, [e / sum(exps) for e in exps], atol=1e-6)
        assert made.logits.shape == (3,)
        assert float(made.probabilities.sum()) == pytest.approx(1, abs=1e-6)
        assert made.probabilities.dtype == made.logits.dtype == made.attention.dtype == np.float32


def test_the_temperature_divides_the_logits_before_the_softmax(checkpoint: Checkpoint) -> None:
    (plain,) = predict(checkpoint, examples_of([9]))
    (warm,) = predict(replace(checkpoint, temperature=2.5), examples_of([9]))
    np.testing.assert_array_equal(warm.logits, plain.logits)
    exps = [math.exp(x / 2.5) for x in plain.logits.tolist()]
    np.testing.assert_allclose(warm.probabilities, [e / sum(exps) for e in exps], atol=1e-6)


def test_attention_has_one_weight_per_token_and_sums_to_one(checkpoint: Checkpoint) -> None:
    for made in predict(checkpoint, examples_of([1, 40, 7]), batch_size=3):
        assert made.attention.shape == (len(made.tokens),)
        assert np.all(made.attention > 0)
        assert float(made.attention.sum()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["", "   \n\t", "\u00a0"])
def test_a_text_without_tokens_is_predicted_from_the_bias(
    checkpoint: Checkpoint, text: str
) -> None:
    (made,) = predict(checkpoint, [Example("e", text, "bad")])
    assert made.tokens == ()
    assert made.attention.shape == made.unknown.shape == (0,)
    np.testing.assert_allclose(made.logits, checkpoint.model.linear.bias.detach(), atol=1e-6)


def test_nothing_gives_nothing(checkpoint: Checkpoint) -> None:
    assert list(predict(checkpoint, [])) == []


def test_tokens_beyond_max_tokens_are_not_read(checkpoint: Checkpoint) -> None:
    long, short = Example("l", text_of(9), "bad"), Example("s", text_of(3), "bad")
    cut, whole = predict(checkpoint, [long, short], max_tokens=4)
    assert len(cut.tokens) == 9
    assert np.isnan(cut.attention[4:]).all()
    assert float(cut.attention[:4].sum()) == pytest.approx(1, abs=1e-6)
    assert not np.isnan(whole.attention).any()
    # It is what the first four tokens alone give.
    (alone,) = predict(checkpoint, [Example("l", text_of(4), "bad")])
    np.testing.assert_allclose(cut.logits, alone.logits, atol=1e-6)
    np.testing.assert_allclose(cut.attention[:4], alone.attention, atol=1e-6)


def test_every_token_of_a_long_text_is_read_unless_told_otherwise(checkpoint: Checkpoint) -> None:
    (made,) = predict(checkpoint, [Example("l", text_of(2_500), "bad")])
    assert np.all(made.attention > 0)
    (other,) = predict(checkpoint, [Example("l", text_of(2_499) + " w1 w2 w3", "bad")])
    assert not np.allclose(made.logits, other.logits, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=9),
    batch_size=st.integers(1, 10),
    order=st.randoms(use_true_random=False),
)
def test_neither_batch_size_nor_order_changes_a_prediction(
    lengths: list[int], batch_size: int, order: object
) -> None:
    checkpoint = make_checkpoint(num_layers=2)
    examples = examples_of(lengths)
    alone = {p.id: p for e in examples for p in predict(checkpoint, [e], batch_size=1)}
    order.shuffle(examples)  # type: ignore[attr-defined]
    for made in predict(checkpoint, examples, batch_size=batch_size):
        same(made, alone[made.id])


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_long_and_empty_texts_together(checkpoint: Checkpoint, batch_size: int) -> None:
    examples = examples_of([0, 2_500, 3, 1_100, 0])
    together = list(predict(checkpoint, examples, batch_size=batch_size))
    for example, made in zip(examples, together, strict=True):
        same(made, next(predict(checkpoint, [example])))


def test_examples_are_read_a_bounded_number_ahead(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "CHUNK", 4)
    read = 0

    def stream() -> Iterator[Example]:
        nonlocal read
        for example in examples_of([3] * 10):
            read += 1
            yield example

    made = predict(checkpoint, stream())
    assert next(made).id == "e0"
    assert read == 4
    assert [p.id for p in made] == [f"e{i}" for i in range(1, 10)]


def test_chunks_do_not_change_the_predictions(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = examples_of([4, 0, 19, 7, 2])
    whole = list(predict(checkpoint, examples))
    monkeypatch.setattr(inference, "CHUNK", 2)
    for one, other in zip(whole, predict(checkpoint, examples), strict=True):
        same(one, other)


def test_no_gradients_are_kept_and_the_model_is_not_changed(checkpoint: Checkpoint) -> None:
    before = {k: v.clone() for k, v in checkpoint.model.state_dict().items()}
    list(predict(checkpoint, examples_of([3, 5])))
    assert all(p.grad is None for p in checkpoint.model.parameters())
    for name, weight in checkpoint.model.state_dict().items():
        assert torch.equal(weight, before[name])


def test_a_failing_tokenizer_names_the_example(checkpoint: Checkpoint) -> None:
    def spans(text: str) -> list[tuple[int, int]]:
        raise ValueError("no such text")

    broken = Checkpoint(checkpoint.model, checkpoint.fields, Tokenizer("mine:spans", spans), {})
    with pytest.raises(TokenizeError) as caught:
        list(predict(broken, [Example("review 7", "w1", "bad")]))
    message = "mine:spans, example 'review 7': ValueError: no such text"
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize(
    ("cuda", "name", "device"),
    [(False, "auto", "cpu"), (False, "cpu", "cpu"), (True, "auto", "cuda"), (True, "cpu", "cpu")],
)
def test_the_device(monkeypatch: pytest.MonkeyPatch, cuda: bool, name: str, device: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    assert choose_device(name) == device


def test_a_missing_cuda_device_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError) as caught:
        choose_device("cuda")
    assert str(caught.value) == "--device cuda: no CUDA device is available; use --device cpu"
