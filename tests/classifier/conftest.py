"""A small trained-looking checkpoint and a small separable dataset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from reportgen.classifier.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from reportgen.classifier.model import AttentionClassifier, ModelConfig
from reportgen.classifier.training import TrainingData, build_model, prepare_fields
from reportgen.corpus.dataset import tokenized
from reportgen.corpus.fields import Fields
from reportgen.corpus.tokenizers import get_tokenizer
from reportgen.errors import CheckpointError
from reportgen.options import TrainingOptions
from reportgen.records import Example


@pytest.fixture(autouse=True)
def on_one_thread(one_thread: None) -> None:
    """Run every test here on one thread."""


WORDS = [f"w{i}" for i in range(30)]
ENGLISH = get_tokenizer("basic_english")


def make_model(seed: int = 0, **settings: Any) -> AttentionClassifier:
    """A model in evaluation mode whose weights are large enough to tell words apart."""
    torch.manual_seed(seed)
    shape = {"vocab_size": 32, "num_classes": 3, "embedding_dim": 5, "hidden_size": 4}
    model = AttentionClassifier(ModelConfig(**{**shape, **settings}))
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2.0)
    return model.eval()


def make_checkpoint(seed: int = 0, **settings: Any) -> Checkpoint:
    """A checkpoint of three classes that knows the words w0 to w29."""
    fields = Fields(["<unk>", "<pad>", *WORDS], ["bad", "good", "so-so"])
    training = {"best": 1, "log": [{"epoch": 1, "valid_accuracy": 0.5}], "finished": True}
    return Checkpoint(make_model(seed, **settings), fields, ENGLISH, training)


@pytest.fixture
def checkpoint() -> Checkpoint:
    return make_checkpoint(num_layers=2)


SMALL = TrainingOptions(
    embedding_dim=8,
    hidden_size=6,
    batch_size=4,
    epochs=3,
    min_count=1,
    learning_rate=0.02,
    dropout=0.2,
    max_length=None,
    word_dropout=0.0,
    average=0.0,
)


def example(number: int, text: str, label: str) -> Example:
    return Example(f"e{number}", text, label)


def separable(count: int = 24) -> list[Example]:
    """Short texts, each with one word that gives its label away."""
    filler = ["the food", "our room", "this book", "a long film", "that old phone"]
    signs = {"bad": ["dull", "broken"], "good": ["lovely", "splendid"]}
    examples = []
    for i in range(count):
        label = ("bad", "good")[i % 2]
        text = f"{filler[i % 5]} was {signs[label][i // 2 % 2]} on day {i % 3}"
        examples.append(example(i, text, label))
    return examples


Prepare = Callable[..., TrainingData]


@pytest.fixture
def prepared() -> Prepare:
    """Training and validation examples, tokenized, and their fields."""

    def prepare(options: TrainingOptions = SMALL) -> TrainingData:
        learn, fields = prepare_fields(separable(), ENGLISH, options)
        return TrainingData(learn, [tokenized(e, ENGLISH) for e in separable(8)], fields, ENGLISH)

    return prepare


def build_seeded(fields: Fields, options: TrainingOptions) -> AttentionClassifier:
    """The model that a training with these options starts from."""
    torch.manual_seed(options.seed)
    return build_model(fields, options, None)


# --- checkpoint folders ---

CHECKPOINT_FILES = ["config.json", "model.safetensors", "vocab.json"]


@pytest.fixture
def saved(tmp_path: Path, checkpoint: Checkpoint) -> Path:
    save_checkpoint(checkpoint, tmp_path / "ckpt")
    return tmp_path / "ckpt"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def change_config(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


def refusal(folder: Path, tokenizer: str | None = None) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(folder, tokenizer)
    assert "\n" not in str(caught.value)
    return str(caught.value)
