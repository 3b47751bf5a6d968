"""Model folders that cannot be used are refused in one line, before anything of them runs."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertModel

from reportgen.adapters.hf.loading import Loaded, load
from reportgen.adapters.hf.transformer import Transformer
from reportgen.adapters.hf.weighing import Method, parse_method
from reportgen.errors import CheckpointError, DependencyError, ReportgenError, UsageError
from tests.adapters.models import CLASSES, bert


@pytest.fixture
def folder(folders, tmp_path) -> Path:
    """A copy of the BERT that a test may damage."""
    return Path(shutil.copytree(folders["bert"], tmp_path / "model"))


def refused(folder: object, kind: type[ReportgenError] = CheckpointError, **options) -> str:
    with pytest.raises(kind) as caught:
        load(f"hf:{folder}", "cpu", **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def change(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    config |= values
    (folder / "config.json").write_text(json.dumps(config))


def test_a_folder_is_loaded_in_evaluation_mode_with_its_names_and_hash(folder):
    loaded = load(f"hf:{folder}", "cpu")
    assert (loaded.name, loaded.classes) == ("model", CLASSES)
    assert not loaded.model.training
    assert loaded.model.dtype == torch.float32
    assert loaded.model.config._attn_implementation == "eager"
    again = load(f"hf:{folder}", "cpu", ("a", "b", "c"))
    assert again.classes == ("a", "b", "c")
    assert again.sha256 == loaded.sha256
    (folder / "README.md").write_text("no part of the model")
    assert load(f"hf:{folder}", "cpu").sha256 == loaded.sha256
    change(folder, note="another")
    assert load(f"hf:{folder}", "cpu").sha256 != loaded.sha256


def test_nothing_is_written_to_the_terminal(folder, capsys):
    load(f"hf:{folder}", "cpu")
    assert capsys.readouterr() == ("", "")


def test_half_precision_is_read_as_float32(folder):
    bert()[0].half().save_pretrained(folder)
    assert load(f"hf:{folder}", "cpu").model.dtype == torch.float32


@pytest.mark.parametrize("model", ["folder", "hf:", "HF:x"])
def test_only_names_with_hf_are_models(model):
    with pytest.raises(UsageError, match=r"write hf:FOLDER"):
        load(model, "cpu")


def test_without_transformers_the_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert "pip install 'reportgen[hf]'" in refused(folder, DependencyError)


def test_an_old_transformers_is_named(folder, monkeypatch):
    import transformers

    monkeypatch.setattr(transformers, "__version__", "4.57.1")
    message = refused(folder, DependencyError)
    assert "transformers 5 or newer" in message
    assert "installed: 4.57.1" in message


def test_a_name_that_is_not_cached_says_how_to_fetch_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "`hf download someone/some-model`" in refused("someone/some-model")
    assert "no name of a hub's model" in refused("a/b/c")


def test_a_cached_name_is_found_without_a_network(folders, tmp_path, monkeypatch):
    from huggingface_hub import constants

    snapshot = tmp_path / "models--someone--tiny" / "snapshots" / ("0" * 40)
    shutil.copytree(folders["bert"], snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert load("hf:someone/tiny", "cpu").name == "someone/tiny"


def test_files_that_are_missing_are_named(folder):
    (folder / "tokenizer.json").unlink()
    assert "no tokenizer" in refused(folder)
    (folder / "model.safetensors").unlink()
    assert "no weights" in refused(folder)
    (folder / "config.json").unlink()
    assert "config.json is missing" in refused(folder)
    (folder / "adapter_config.json").write_text("{}")
    assert "merge_and_unload" in refused(folder)


def test_a_pickle_is_never_opened(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"not even a pickle")
    message = refused(folder)
    assert "pytorch_model.bin is a pickle" in message
    assert "save_pretrained" in message


def test_a_pickle_beside_other_weights_is_never_opened(folder):
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").rename(folder / "other.safetensors")
    assert "cannot be loaded" in refused(folder)


def test_the_sentence_about_pickles_converts_them(folder, tmp_path):
    """The command of the message is run, as a reader would."""
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    whole = load(f"hf:{folder}", "cpu").model.state_dict()
    (folder / "model.safetensors").unlink()
    code = refused(folder).split('python -c "')[1].rstrip('"')
    exec(code, {})
    again = load(f"hf:{folder}", "cpu").model.state_dict()
    assert all(torch.equal(again[name], weight) for name, weight in whole.items())


def test_damaged_files_are_named(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    assert "cannot be loaded" in refused(folder)
    (folder / "config.json").write_text("{")
    assert "config.json: cannot be read" in refused(folder)


def test_a_damaged_tokenizer_is_named(folder):
    (folder / "tokenizer.json").write_text("{")
    assert "no usable tokenizer" in refused(folder)


def test_a_model_that_is_not_fine_tuned_is_refused(folder):
    model, _ = bert()
    BertModel(model.config).save_pretrained(folder)
    message = refused(folder)
    assert "have no classifier.bias, classifier.weight" in message
    assert "fine-tune it first" in message


def test_code_of_the_folder_never_runs(folder, tmp_path):
    mark = tmp_path / "it-ran"
    (folder / "own.py").write_text(f"open({str(mark)!r}, 'w')\n")
    own = {"AutoConfig": "own.C", "AutoModelForSequenceClassification": "own.M"}
    change(folder, auto_map=own)
    assert load(f"hf:{folder}", "cpu").classes == CLASSES  # transformers' own BERT
    change(folder, model_type="own")
    assert "code of its own, which is never run" in refused(folder)
    assert not mark.exists()
    change(folder, auto_map=None)
    assert "no model of type 'own'" in refused(folder)


@pytest.mark.parametrize(
    ("change_", "words"),
    [
        ({"problem_type": "multi_label_classification"}, "write one table for each label"),
        ({"problem_type": "regression"}, "predicts a number"),
        ({"id2label": {"0": "a", "1": "b", "2": "a"}}, "not distinct; give them with --classes"),
    ],
)
def test_heads_that_do_not_choose_a_class_are_refused(folder, change_, words):
    change(folder, **change_)
    assert words in refused(folder)


def test_one_output_is_a_regression(tmp_path):
    model, tokenizer = bert(id2label={0: "x"}, label2id={"x": 0})
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert "regression" in refused(tmp_path)


def test_class_names_must_be_as_many_as_the_model_has(folder):
    message = refused(folder, UsageError, classes=("a", "b"))
    assert message == "--classes names 2, but the model has 3 classes"


def test_weights_that_are_no_numbers_are_refused(folder):
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"][0] = torch.nan
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert "classifier.bias is NaN or infinite" in refused(folder)


def test_a_tokenizer_of_another_model_is_refused(folders, folder):
    shutil.copy(folders["llama"] / "tokenizer.json", folder)
    assert "do not belong together" in refused(folder)


def test_a_slow_tokenizer_is_refused(folder, monkeypatch):
    from transformers import PreTrainedTokenizerFast

    monkeypatch.setattr(PreTrainedTokenizerFast, "is_fast", False)
    assert "is not a fast tokenizer" in refused(folder)


@pytest.mark.parametrize("text", ["", "attention:", "attention:0", "attention:x", "rollout:2"])
def test_unknown_weights_are_refused(text):
    with pytest.raises(UsageError, match="use attention, attention:LAYER"):
        parse_method(text)


def test_a_layer_that_is_not_there_is_refused():
    loaded = Loaded(*bert(), CLASSES, "m")
    Transformer(loaded, Method("attention", 3))
    with pytest.raises(UsageError, match="the model has 3 layers"):
        Transformer(loaded, Method("attention", 4))


def test_a_model_without_attention_is_left_to_gradients():
    model, tokenizer = bert()
    forward = model.forward

    def without(*args, **given):
        output = forward(*args, **given)
        output.attentions = None
        return output

    model.forward = without
    loaded = Loaded(model, tokenizer, CLASSES, "m")
    with pytest.raises(CheckpointError, match=r"gives no attention .*use --weights gradients"):
        Transformer(loaded, Method("rollout"))
    assert "layers" not in Transformer(loaded, Method("gradients")).info().description


def test_a_model_whose_answers_are_no_numbers_is_refused():
    model, tokenizer = bert()
    with torch.no_grad():
        model.classifier.weight.mul_(1e38)
        model.bert.pooler.dense.weight.mul_(1e38)
        model.classifier.weight.mul_(1e38)
    with pytest.raises(CheckpointError, match="logits are not finite"):
        Transformer(Loaded(model, tokenizer, CLASSES, "m"), Method())
