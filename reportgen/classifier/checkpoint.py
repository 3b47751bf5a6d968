"""Write and read a checkpoint folder: weights, config and vocab, no pickle.

``config.json`` holds the sha256 of the two other files, so its own hash stands for the whole.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch

from reportgen.classifier.model import AttentionClassifier, ModelConfig
from reportgen.corpus.fields import Fields
from reportgen.corpus.tokenizers import Tokenizer, get_tokenizer, is_custom
from reportgen.errors import CheckpointError
from reportgen.files import (
    made_folder,
    open_regular,
    replace_folder,
    restore_folder,
    temporary_folder,
)
from reportgen.records import ModelInfo

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint"]

FORMAT = 1
WEIGHTS, CONFIG, VOCAB = "model.safetensors", "config.json", "vocab.json"


@dataclass(frozen=True, slots=True, eq=False)  # a comparison of tensors has no single answer
class Checkpoint:
    """A model with all that its use needs. ``training`` records how it was trained.

    Logits are divided by ``temperature`` before the softmax (Guo et al. 2017, section 4.2).
    """

    model: AttentionClassifier
    fields: Fields
    tokenizer: Tokenizer
    training: dict[str, Any]
    sha256: str = ""
    temperature: float = 1.0

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of the logits."""
        return self.fields.classes

    def info(self) -> ModelInfo:
        """Describe the model for the report."""
        config = self.model.config
        training = {k: v for k, v in self.training.items() if k != "log"}
        if isinstance(training.get("validation"), dict):  # its ids are thousands of lines
            record = training["validation"]
            training["validation"] = {k: v for k, v in record.items() if k != "ids"}
        return ModelInfo(
            name="bidirectional GRU with self-attention",
            description=(
                f"{config.num_layers} layer{'s' if config.num_layers > 1 else ''},"
                f" {config.hidden_size} hidden units per direction,"
                f" {config.embedding_dim}-d embeddings, {config.vocab_size:,} words"
            ),
            tokenizer=self.tokenizer.name,
            checkpoint_sha256=self.sha256 or None,
            parameters=sum(p.numel() for p in self.model.parameters()),
            settings={**asdict(config), "temperature": self.temperature},
            training_log=tuple(self.training.get("log", ())),
            training=training,
        )


def save_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Write the checkpoint beside its place, then move it there, replacing an earlier one.

    Raises:
        CheckpointError: the folder cannot be written.
    """
    try:
        place = folder.resolve()
        with made_folder(place.parent), temporary_folder(place.parent) as part:
            _write(checkpoint, part)
            part.chmod(0o755)
            replace_folder(part, place)
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written ({error.strerror})") from error


def _write(checkpoint: Checkpoint, folder: Path) -> None:
    state = {k: v.detach().cpu().contiguous() for k, v in checkpoint.model.state_dict().items()}
    weights = safetensors.torch.save(state)
    vocab = _json(checkpoint.fields.words)
    config = {
        "format": FORMAT,
        "classes": list(checkpoint.classes),
        "tokenizer": checkpoint.tokenizer.name,
        "model": asdict(checkpoint.model.config),
        "temperature": checkpoint.temperature,
        "training": checkpoint.training,
        "sha256": {WEIGHTS: _hash(weights), VOCAB: _hash(vocab)},
    }
    for name, content in ((WEIGHTS, weights), (VOCAB, vocab), (CONFIG, _json(config))):
        with (folder / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def load_checkpoint(folder: Path, tokenizer: str | None = None, device: str = "cpu") -> Checkpoint:
    """Read a checkpoint and check that its files belong together.

    ``tokenizer`` repeats the name of a custom tokenizer (``spacy:…``, ``module:function``): a
    checkpoint alone never makes code from outside this package run.

    Raises:
        CheckpointError: a file is missing, damaged, or does not fit the others.
        TokenizeError, DependencyError: its tokenizer cannot be loaded.
    """
    restore_folder(folder)
    config_bytes = _read(folder, CONFIG)
    try:
        config = json.loads(config_bytes)
        _json(config)  # an error where a text has a lone surrogate, which nothing could write
        if isinstance(config, dict) and "format" not in config and "model_type" in config:
            raise CheckpointError(
                f"{folder / CONFIG}: not a checkpoint's, but a model's of Hugging Face; give it as"
                f" --model hf:{folder}"
            )
        if config["format"] != FORMAT:
            raise CheckpointError(
                f"{folder / CONFIG}: format {config['format']!r}, and this version reads {FORMAT}"
            )
        hashes, name = config["sha256"], config["tokenizer"]
        if not isinstance(name, str):
            raise TypeError(f"tokenizer {name!r} is not a name")
        shape = ModelConfig(**config["model"])
        weights, vocab = _checked(folder, WEIGHTS, hashes), _checked(folder, VOCAB, hashes)
        words = _strings(json.loads(vocab), folder / VOCAB)
        fields = Fields(words, _strings(config["classes"], folder / CONFIG, "classes"))
        if (len(fields.words), len(fields.classes)) != (shape.vocab_size, shape.num_classes):
            raise CheckpointError(f"{folder}: vocab or classes do not fit the model")
        model = AttentionClassifier(shape)
        model.load_state_dict(safetensors.torch.load(weights))
        if not all(weight.isfinite().all() for weight in model.state_dict().values()):
            raise CheckpointError(f"{folder / WEIGHTS}: a weight is NaN or infinite; train it anew")
        training = _training(config["training"])
        temperature = float(config.get("temperature", 1.0))
        if not 0 < temperature < math.inf:
            raise ValueError(f"temperature {temperature} is not a positive number")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{folder / CONFIG}: not a checkpoint's config ({error})") from error
    except (safetensors.SafetensorError, RuntimeError) as error:
        # Torch's first line only announces the list of what does not fit.
        reason = "".join(str(error).splitlines()[:2][-1:]).strip()
        raise CheckpointError(f"{folder / WEIGHTS}: the weights do not fit ({reason})") from error
    if is_custom(name) and name != tokenizer:
        raise CheckpointError(
            f"{folder}: uses the custom tokenizer {name}:"
            f" repeat its name to trust it: --tokenizer {name}"
        )
    if tokenizer not in (None, name):
        raise CheckpointError(f"{folder}: trained with tokenizer {name}, not {tokenizer}")
    model.to(device).eval()
    return Checkpoint(
        model, fields, get_tokenizer(name), training, _hash(config_bytes), temperature
    )


def _strings(names: Any, file: Path, what: str = "the vocab") -> list[str]:
    """Check a list of words or classes."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise CheckpointError(f"{file}: {what} is not a list of strings")
    if len(set(names)) != len(names):
        raise CheckpointError(f"{file}: {what} is not distinct")
    return names


def _training(record: Any) -> dict[str, Any]:
    log = dict(record).get("log", [])
    if not isinstance(log, list) or not all(isinstance(entry, dict) for entry in log):
        raise TypeError("training.log is not a list of objects")
    return dict(record)


def _read(folder: Path, name: str) -> bytes:
    try:
        with open_regular(folder / name) as file:
            return file.read()
    except FileNotFoundError as error:
        what = f"{name} is missing" if folder.is_dir() else "the checkpoint folder does not exist"
        raise CheckpointError(f"{folder}: {what}") from error
    except OSError as error:
        raise CheckpointError(f"{folder / name}: cannot be read ({error.strerror})") from error


def _checked(folder: Path, name: str, hashes: dict[str, str]) -> bytes:
    content = _read(folder, name)
    if _hash(content) != hashes[name]:
        raise CheckpointError(
            f"{folder / name}: damaged, or from another checkpoint (not the sha256 in {CONFIG})"
        )
    return content
