"""Use a model that is in memory already, as after training, and leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from reportgen.adapters.hf.loading import Loaded, check, class_names, quiet
from reportgen.errors import UsageError

__all__ = ["borrowed"]


@contextmanager
def borrowed(model: Any, tokenizer: Any, classes: Sequence[str] | None) -> Iterator[Loaded]:
    """Give a model and its tokenizer, for evaluation and with the attention that is needed.

    ``classes`` name its outputs in their order; None takes the names of its config. Afterwards
    the modules are in the mode that they were in, and so is the implementation of attention.

    Raises:
        UsageError: they are no sequence classifier and fast tokenizer of transformers.
        CheckpointError: the model cannot be used; the message says why.
    """
    kind = type(model).__name__
    if not kind.endswith("ForSequenceClassification"):
        raise UsageError(f"{kind} is no sequence classifier of transformers")
    if not getattr(tokenizer, "is_fast", False):
        raise UsageError(
            f"{type(tokenizer).__name__} is no fast tokenizer, so the places of its tokens in the"
            " text are not known"
        )
    name = PurePath(str(model.config.name_or_path)).name or kind
    names = class_names(model.config, classes, name)
    check(model, tokenizer, name)
    modes = [(module, module.training) for module in model.modules()]
    attention = model.config._attn_implementation
    try:
        with quiet():
            model.eval()
            if attention != "eager":  # the other implementations give no attention
                model.set_attn_implementation("eager")
            yield Loaded(model, tokenizer, names, name)
    finally:
        for module, training in modes:
            module.training = training
        if attention not in (None, "eager"):
            model.set_attn_implementation(attention)
