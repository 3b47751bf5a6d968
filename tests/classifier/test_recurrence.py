"""The GRU over distinct words against that of PyTorch."""

from __future__ import annotations

import pytest
import torch

from reportgen.classifier.model import PAD_INDEX, AttentionClassifier, ModelConfig
from reportgen.classifier.recurrence import encode_words


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_it_equals_the_gru_of_pytorch(layers: int) -> None:
    torch.manual_seed(3)
    config = ModelConfig(40, 2, embedding_dim=6, hidden_size=5, num_layers=layers)
    model = AttentionClassifier(config).eval()
    lengths = torch.tensor([4, 9, 1, 7])  # not sorted; no row has padding of its own
    words = torch.randint(2, 12, (4, 11))
    words[torch.arange(11) >= lengths[:, None]] = PAD_INDEX
    with torch.inference_mode():
        keys, last = encode_words(model.gru, model.embedding.weight, words, lengths)
        expected = model.gru.encode(model.embedding(words), lengths)
    torch.testing.assert_close(keys, expected[0], rtol=0, atol=1e-6)
    torch.testing.assert_close(last, expected[1], rtol=0, atol=1e-6)


def test_a_model_predicts_alike_in_inference_mode_and_without_gradients() -> None:
    torch.manual_seed(4)
    model = AttentionClassifier(ModelConfig(40, 3, embedding_dim=6, hidden_size=5)).eval()
    words, lengths = torch.randint(2, 40, (3, 8)), torch.tensor([8, 0, 5])
    with torch.no_grad():
        slow = model(words, lengths)
    with torch.inference_mode():
        fast = model(words, lengths)
    torch.testing.assert_close(fast.logits, slow.logits, rtol=0, atol=1e-6)
    torch.testing.assert_close(fast.attention, slow.attention, rtol=0, atol=1e-6)
