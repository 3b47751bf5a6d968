"""Load a model folder of Hugging Face: local files only, no pickle, no code of the folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.errors import CheckpointError, DependencyError, UsageError
from reportgen.files import open_regular
from reportgen.remedies import MULTI_LABEL

__all__ = [
    "PREFIX",
    "Loaded",
    "check",
    "class_names",
    "load",
    "quiet",
    "require_transformers",
]

PREFIX = "hf:"
NEEDS = "--model hf: needs transformers 5 or newer: pip install 'reportgen[hf]'"
SUFFIXES = (".json", ".model", ".safetensors", ".txt")  # of the files that decide a prediction
TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
CONVERT = (
    'convert it once, if you trust it: python -c "from transformers import'
    " AutoModelForSequenceClassification as A; A.from_pretrained('{0}', use_safetensors=False)"
    ".save_pretrained('{0}')\""
)


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A sequence classifier and its fast tokenizer, both checked.

    ``name`` is that of the folder or of the hub; ``sha256`` stands for the files of ``folder``.
    """

    model: Any
    tokenizer: Any
    classes: tuple[str, ...]
    name: str
    sha256: str = ""
    folder: Path = Path()


def require_transformers() -> None:
    """Check that transformers is installed in a version that this package can use.

    Raises:
        DependencyError: it is not.
    """
    try:
        import transformers
    except ImportError:
        raise DependencyError(NEEDS) from None
    major = transformers.__version__.split(".")[0]
    if major.isdigit() and int(major) < 5:
        raise DependencyError(f"{NEEDS} (installed: {transformers.__version__})")


def load(model: str, device: str, classes: Sequence[str] | None = None) -> Loaded:
    """Load the model that ``hf:FOLDER`` or ``hf:NAME`` stands for, in float32, for evaluation.

    ``classes`` name its outputs in their order; None takes the names of its config.

    Raises:
        UsageError: the text does not begin with ``hf:``, or ``classes`` do not fit.
        DependencyError: transformers is missing.
        CheckpointError: the folder is missing, or its model cannot be used; the message says why.
    """
    if not model.startswith(PREFIX) or model == PREFIX:
        example = "" if ":" in model else f", as in {PREFIX}{model}"
        raise UsageError(
            f"--model {model!r}: write {PREFIX}FOLDER, or {PREFIX}NAME of a model in the hub's"
            f" cache{example}"
        )
    require_transformers()
    name = model.removeprefix(PREFIX)
    folder = _folder(name)
    _check_files(folder)
    with quiet():
        loaded = _model(folder)
        tokenizer = _tokenizer(folder)
    names = class_names(loaded.config, classes, folder)
    check(loaded, tokenizer, folder)
    local = Path(name).is_dir()
    shown = folder.resolve().name if local else name
    model_there = loaded.to(device).eval()
    return Loaded(model_there, tokenizer, names, shown, _sha256(folder), folder)


def _folder(name: str) -> Path:
    """Return the folder, or where the hub's model of this name lies in the local cache."""
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except HFValidationError:
        raise CheckpointError(f"{name}: no such folder, and no name of a hub's model") from None
    except (LocalEntryNotFoundError, OSError):
        raise CheckpointError(
            f"{name}: no such folder, and no model of this name in the local cache; fetch it with"
            f" `hf download {name}`"
        ) from None


def _check_files(folder: Path) -> None:
    """Refuse a folder without config, tokenizer or safetensors before anything of it is read."""
    if not (folder / "config.json").is_file():
        adapter = (folder / "adapter_config.json").is_file()
        raise CheckpointError(
            f"{folder}: an adapter without its model; merge them (merge_and_unload) and save the"
            " result"
            if adapter
            else f"{folder}: config.json is missing, so this is no model folder"
        )
    if not any(folder.glob("*.safetensors")):
        pickled = next(iter(sorted(folder.glob("*.bin"))), None)
        raise CheckpointError(
            f"{folder}: {pickled.name} is a pickle, which may run code and is not opened;"
            f" {CONVERT.format(folder)}"
            if pickled
            else f"{folder}: no weights (*.safetensors)"
        )
    if not any(any(folder.glob(pattern)) for pattern in TOKENIZERS):
        raise CheckpointError(
            f"{folder}: no tokenizer; save the model's with tokenizer.save_pretrained('{folder}')"
        )
    try:
        config = json.loads((folder / "config.json").read_bytes())
        kind, code = config.get("model_type"), config.get("auto_map")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{folder / 'config.json'}: cannot be read ({error})") from error
    from transformers import CONFIG_MAPPING

    if kind not in CONFIG_MAPPING:
        raise CheckpointError(
            f"{folder}: its model comes as code of its own, which is never run"
            if code
            else f"{folder}: transformers knows no model of type {kind!r}"
        )


def _model(folder: Path) -> Any:
    import torch
    from transformers import AutoModelForSequenceClassification

    try:
        model, info = AutoModelForSequenceClassification.from_pretrained(
            folder,
            attn_implementation="eager",  # the other implementations give no attention
            dtype=torch.float32,
            local_files_only=True,
            output_loading_info=True,
            trust_remote_code=False,
            use_safetensors=True,
        )
    except MemoryError:
        raise
    except Exception as error:  # a damaged folder may raise anything
        raise CheckpointError(f"{folder}: cannot be loaded ({_line(error)})") from error
    missing = sorted(info["missing_keys"])
    if missing:
        raise CheckpointError(
            f"{folder}: its weights have no {', '.join(missing[:3])}, so it is not trained to"
            " classify; fine-tune it first"
        )
    return model


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # a damaged file may raise anything
        raise CheckpointError(f"{folder}: no usable tokenizer ({_line(error)})") from error
    if not tokenizer.is_fast:
        raise CheckpointError(
            f"{folder}: {type(tokenizer).__name__} is not a fast tokenizer (tokenizer.json), so"
            " the places of its tokens in the text are not known"
        )
    return tokenizer


def class_names(config: Any, given: Sequence[str] | None, source: object) -> tuple[str, ...]:
    """Return the names of the model's classes in the order of its outputs.

    Raises:
        CheckpointError: the model does not choose one of several classes, or names are not
            distinct.
        UsageError: ``given`` are not as many as the model has.
    """
    if config.num_labels < 2 or config.problem_type == "regression":
        raise CheckpointError(f"{source}: predicts a number, not a class (regression)")
    if config.problem_type == "multi_label_classification":
        raise CheckpointError(
            f"{source}: gives a text several labels at once, and a report needs one class for each;"
            f" {MULTI_LABEL}"
        )
    if given is not None and len(given) != config.num_labels:
        raise UsageError(
            f"--classes names {len(given)}, but the model has {config.num_labels} classes"
        )
    known = config.id2label
    names = tuple(given or (str(known[i]).strip() for i in range(config.num_labels)))
    if len(set(names)) != len(names) or not all(names):
        raise CheckpointError(
            f"{source}: the names of its classes are not distinct; give them with --classes"
        )
    return names


def check(model: Any, tokenizer: Any, folder: object) -> None:
    """Refuse weights that are not numbers, and a tokenizer that does not belong to the model.

    Raises:
        CheckpointError: it is so; ``folder`` is what the message calls the model.
    """
    if model.config.is_encoder_decoder:
        end = model.config.eos_token_id
        if end is None or end not in tokenizer("").input_ids:
            raise CheckpointError(
                f"{folder}: its tokenizer does not end a text with the token (eos_token_id {end})"
                f" at which {type(model).__name__} is read; save the tokenizer of the fine-tuning"
            )
    for name, weight in model.named_parameters():
        if not weight.isfinite().all():
            raise CheckpointError(f"{folder}: {name} is NaN or infinite; train the model anew")
    known = getattr(model.get_input_embeddings(), "num_embeddings", len(tokenizer))
    if len(tokenizer) > known:
        raise CheckpointError(
            f"{folder}: the tokenizer has {len(tokenizer):,} tokens, the model only {known:,}; they"
            " do not belong together"
        )


def _sha256(folder: Path) -> str:
    """Return the sha256 over the names and hashes of the files that decide a prediction."""
    lines = []
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES and path.is_file():
            with open_regular(path) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            lines.append(f"{digest}  {path.name}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _line(error: Exception) -> str:
    """Return the first line of a message."""
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from writing bars, reports and warnings to the terminal."""
    from transformers.utils import logging as module

    logging: Any = module  # its functions have no types
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
