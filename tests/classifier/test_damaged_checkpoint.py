"""A checkpoint folder that is incomplete, damaged or of another version is refused in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch

from reportgen.classifier.checkpoint import Checkpoint

from .conftest import CHECKPOINT_FILES as FILES
from .conftest import change_config, refusal, sha256


def replace_weights(folder: Path, content: bytes) -> None:
    """Replace the weights and their hash, so that the hash does not tell of it."""
    (folder / "model.safetensors").write_bytes(content)
    change_config(folder, lambda c: c["sha256"].update({"model.safetensors": sha256(content)}))


def test_a_missing_folder(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "none") == f"{tmp_path / 'none'}: the checkpoint folder does not exist"
    )


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    where = tmp_path / "file" / "config.json"
    assert refusal(tmp_path / "file") == f"{where}: cannot be read (Not a directory)"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(saved: Path, name: str) -> None:
    (saved / name).unlink()
    assert refusal(saved) == f"{saved}: {name} is missing"


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.json"])
@pytest.mark.parametrize(
    "damage",
    [lambda b: b[:-10], lambda b: b"", lambda b: b + b"\n", lambda b: b[:40] + b"!" + b[41:]],
    ids=["truncated", "empty", "longer", "one byte changed"],
)
def test_a_damaged_file(saved: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(damage(content))
    assert refusal(saved) == (
        f"{saved / name}: damaged, or from another checkpoint (not the sha256 in config.json)"
    )


def test_a_vocab_in_another_order_is_refused(saved: Path) -> None:
    words = json.loads((saved / "vocab.json").read_text())
    words[2], words[3] = words[3], words[2]
    (saved / "vocab.json").write_text(json.dumps(words))
    assert refusal(saved).startswith(f"{saved / 'vocab.json'}: damaged, or from another checkpoint")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{not json", "Expecting property name enclosed in double quotes: line 1 column 2"),
        (b"", "Expecting value: line 1 column 1 (char 0)"),
        (b'{"a": "\xe9"}', "'utf-8' codec can't decode byte 0xe9"),
        (b"[]", "list indices must be integers or slices, not str"),
        (b"{}", "'format'"),
        (b"null", "'NoneType' object is not subscriptable"),
        (b"[" * 100_000, ""),
    ],
)
def test_a_config_that_is_none(saved: Path, content: bytes, reason: str) -> None:
    (saved / "config.json").write_bytes(content)
    message = refusal(saved)
    assert message.startswith(f"{saved / 'config.json'}: not a checkpoint's config (")
    assert reason in message


@pytest.mark.parametrize("number", [2, "1", None])
def test_a_config_of_another_format(saved: Path, number: object) -> None:
    change_config(saved, lambda c: c.update(format=number))
    assert refusal(saved) == (
        f"{saved / 'config.json'}: format {number!r}, and this version reads 1"
    )


def test_a_folder_of_hugging_face_is_sent_to_its_option(saved: Path) -> None:
    (saved / "config.json").write_text('{"model_type": "bert"}')
    assert refusal(saved) == (
        f"{saved / 'config.json'}: not a checkpoint's, but a model's of Hugging Face; give it as"
        f" --model hf:{saved}"
    )


@pytest.mark.parametrize("key", ["classes", "tokenizer", "model", "training", "sha256"])
def test_a_config_without_one_of_its_parts(saved: Path, key: str) -> None:
    change_config(saved, lambda c: c.pop(key))
    assert refusal(saved) == f"{saved / 'config.json'}: not a checkpoint's config ('{key}')"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c["model"].update(heads=2), "unexpected keyword argument 'heads'"),
        (lambda c: c["model"].update(hidden_size="4"), "hidden_size should be of type int"),
        (lambda c: c["model"].update(hidden_size=-4), "hidden_size must be greater than zero"),
        (lambda c: c["model"].update(dropout=7), "dropout should be a number in range [0, 1]"),
        (lambda c: c["model"].pop("vocab_size"), "'vocab_size'"),
        (lambda c: c.update(model=[1]), "must be a mapping"),
        (lambda c: c.update(training=3), "'int' object is not iterable"),
        (lambda c: c.update(tokenizer=None), "tokenizer None is not a name"),
        (lambda c: c.update(tokenizer=["os:system"]), "tokenizer ['os:system'] is not a name"),
        (lambda c: c["classes"].reverse(), "classes are not distinct and sorted"),
        (lambda c: c.update(sha256=[]), "list indices must be integers"),
        (lambda c: c.update(temperature=0), "temperature 0.0 is not a positive number"),
        (lambda c: c.update(temperature=-1), "temperature -1.0 is not a positive number"),
        (lambda c: c.update(temperature=float("nan")), "temperature nan is not a positive number"),
        (lambda c: c.update(temperature=float("inf")), "temperature inf is not a positive number"),
        (lambda c: c.update(temperature="warm"), "could not convert string to float: 'warm'"),
    ],
)
def test_a_config_with_a_wrong_value(
    saved: Path, change: Callable[[dict[str, Any]], Any], reason: str
) -> None:
    change_config(saved, change)
    message = refusal(saved)
    assert message.startswith(f"{saved / 'config.json'}: not a checkpoint's config (")
    assert reason in message


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["model"].update(vocab_size=33),
        lambda c: c["model"].update(num_classes=2),
        lambda c: c["classes"].append("worse"),
    ],
)
def test_a_vocab_or_classes_of_another_size(
    saved: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    change_config(saved, change)
    assert refusal(saved) == f"{saved}: vocab or classes do not fit the model"


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"hidden_size": 8}, "size mismatch for gru.weight_ih_l0"),
        ({"embedding_dim": 9}, "size mismatch for embedding.weight"),
        ({"num_layers": 3}, 'Missing key(s) in state_dict: "gru.weight_ih_l2"'),
        ({"num_layers": 1}, "Unexpected key(s) in state_dict: "),
    ],
)
def test_weights_of_another_shape(saved: Path, setting: dict[str, int], reason: str) -> None:
    change_config(saved, lambda c: c["model"].update(setting))
    message = refusal(saved)
    assert message.startswith(f"{saved / 'model.safetensors'}: the weights do not fit ({reason}")


def test_weights_that_are_no_safetensors(saved: Path) -> None:
    replace_weights(saved, b"\x80\x04K\x01.")  # a pickle of the number 1
    assert re.fullmatch(
        re.escape(f"{saved / 'model.safetensors'}: the weights do not fit (") + r".+\)",
        refusal(saved),
    )


def test_weights_without_the_linear_layer(saved: Path, checkpoint: Checkpoint) -> None:
    state = {k: v for k, v in checkpoint.model.state_dict().items() if "linear" not in k}
    replace_weights(saved, safetensors.torch.save(state))
    assert 'Missing key(s) in state_dict: "linear.weight", "linear.bias"' in refusal(saved)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (list(range(32)), "the vocab is not a list of strings"),
        ([None] * 32, "the vocab is not a list of strings"),
        ([["a"]] * 32, "the vocab is not a list of strings"),
        ({str(i): i for i in range(32)}, "the vocab is not a list of strings"),
        ("a" * 32, "the vocab is not a list of strings"),
        (None, "the vocab is not a list of strings"),
        (["a"] * 32, "the vocab is not distinct"),
    ],
)
def test_a_vocab_that_is_none(saved: Path, words: object, problem: str) -> None:
    content = json.dumps(words).encode()
    (saved / "vocab.json").write_bytes(content)
    change_config(saved, lambda c: c["sha256"].update({"vocab.json": sha256(content)}))
    assert refusal(saved) == f"{saved / 'vocab.json'}: {problem}"


@pytest.mark.parametrize("classes", ["abc", [0, 1, 2], [None, "a", "b"], 3])
def test_classes_that_are_none(saved: Path, classes: object) -> None:
    change_config(saved, lambda c: c.update(classes=classes))
    assert refusal(saved) == f"{saved / 'config.json'}: classes is not a list of strings"
