"""Choose what predicts: a checkpoint of this package, or a transformer of Hugging Face."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reportgen.errors import UsageError
from reportgen.options import PredictOptions
from reportgen.records import Example, Explanation, Labels, ModelInfo, Prediction, Weights
from reportgen.workspace import Workspace

if TYPE_CHECKING:
    from reportgen.classifier.checkpoint import Checkpoint

__all__ = ["Predictor", "check_choice", "open_checkpoint", "open_transformer"]


class Predictor(Protocol):
    """A model that is loaded, with the options of its predictions.

    ``classes`` are in the order of its outputs, ``labels`` say how data may spell them. ``sha256``
    stands for its files. ``weights`` says what the weights of its predictions are (None: its own
    attention), ``activity`` what it does while it predicts.
    """

    @property
    def classes(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def labels(self) -> Labels: ...  # noqa: D102
    @property
    def sha256(self) -> str: ...  # noqa: D102
    @property
    def weights(self) -> Weights | None: ...  # noqa: D102
    @property
    def activity(self) -> str: ...  # noqa: D102

    def info(self) -> ModelInfo:
        """Describe the model for the report."""
        ...

    def packages(self, explained: bool) -> tuple[str, ...]:
        """Name the packages that predict, and explain if something is explained."""
        ...

    def predict(self, examples: Iterable[Example]) -> Iterator[Prediction]:
        """Yield one prediction per example, in order."""
        ...

    def explain(
        self, predictions: Iterable[Prediction], seed: int
    ) -> Iterator[tuple[str, Explanation]]:
        """Yield ids and explanations of the predictions of which a token was read, in any order."""
        ...


def check_choice(options: PredictOptions, workspace: Workspace) -> None:
    """Refuse options that belong to the other kind of model.

    Raises:
        UsageError: there are some.
    """
    if options.model is None:
        if options.weights is not None or options.classes is not None:
            name = "--weights" if options.weights is not None else "--classes"
            raise UsageError(f"{name} is for a transformer: give --model hf:FOLDER too")
    elif workspace.checkpoint is not None or options.tokenizer is not None:
        name = "--checkpoint" if workspace.checkpoint is not None else "--tokenizer"
        raise UsageError(f"{name} cannot be used with --model")


@dataclass(frozen=True, slots=True, eq=False)
class CheckpointPredictor:
    """A checkpoint as a ``Predictor``."""

    checkpoint: Checkpoint
    options: PredictOptions
    device: str
    labels: Labels = field(default_factory=Labels)
    weights: Weights | None = None
    activity: str = "predicting"

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of the logits."""
        return self.checkpoint.classes

    @property
    def sha256(self) -> str:
        """The hash of the checkpoint."""
        return self.checkpoint.sha256

    def info(self) -> ModelInfo:
        """Describe the model for the report."""
        return self.checkpoint.info()

    def packages(self, explained: bool) -> tuple[str, ...]:
        """Name the packages that predict, and explain if something is explained."""
        return ("safetensors", "torch", "torchtext")

    def predict(self, examples: Iterable[Example]) -> Iterator[Prediction]:
        """Yield one prediction per example, in order."""
        from reportgen.classifier.inference import predict

        return predict(
            self.checkpoint,
            examples,
            batch_size=self.options.batch_size,
            max_tokens=self.options.max_tokens,
            device=self.device,
        )

    def explain(
        self, predictions: Iterable[Prediction], seed: int
    ) -> Iterator[tuple[str, Explanation]]:
        """Yield ids and explanations of the predictions of which a token was read, in any order."""
        from reportgen.classifier.explain import explain

        return explain(self.checkpoint, predictions, seed=seed, device=self.device)


def open_checkpoint(folder: Path, options: PredictOptions, device: str) -> Predictor:
    """Load a checkpoint of this package.

    Raises:
        CheckpointError, TokenizeError, DependencyError: it cannot be used.
    """
    from reportgen.classifier.checkpoint import load_checkpoint

    return CheckpointPredictor(load_checkpoint(folder, options.tokenizer, device), options, device)


def open_transformer(model: str, options: PredictOptions, device: str) -> Predictor:
    """Load a transformer, ``hf:FOLDER`` or ``hf:NAME``.

    Raises:
        UsageError, CheckpointError, DependencyError: it cannot be used, or not with these options.
    """
    from reportgen.adapters.hf.loading import load, require_transformers
    from reportgen.adapters.hf.weighing import parse_method

    method = parse_method(options.weights or "attention")
    require_transformers()
    from reportgen.adapters.hf.transformer import Transformer

    return Transformer(
        load(model, device, options.classes),
        method,
        batch_size=options.batch_size,
        max_tokens=options.max_tokens,
        device=device,
    )
