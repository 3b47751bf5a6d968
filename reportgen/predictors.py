"""Choose what predicts: a checkpoint of this package, or a transformer of Hugging Face."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reportgen.errors import CheckpointError, UsageError
from reportgen.explaining import ReadText, groups
from reportgen.options import PredictOptions
from reportgen.records import Example, Explanation, Labels, ModelInfo, Prediction, Weights
from reportgen.scratch import scratch_folder
from reportgen.workspace import Workspace

if TYPE_CHECKING:
    from reportgen.classifier.checkpoint import Checkpoint

__all__ = ["Predictor", "Source", "check_choice", "open_checkpoint", "open_transformer"]

SENT = (".json", ".model", ".safetensors", ".txt")  # of the files of a model, to a cluster
LARGEST = 4_000_000_000  # bytes


class Predictor(Protocol):
    """A model that is loaded, with the options of its predictions.

    ``classes`` are in the order of its outputs, ``labels`` say how data may spell them. ``sha256``
    stands for its files. ``weights`` says what the weights of its predictions are (None: its own
    attention), ``activity`` what it does while it predicts, ``source`` how another process opens it
    (None: it cannot), ``takes_weights`` whether it predicts under other weights.
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
    @property
    def source(self) -> Source | None: ...  # noqa: D102
    @property
    def takes_weights(self) -> bool: ...  # noqa: D102

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

    def groups(self, predictions: Iterable[Prediction], seed: int) -> Iterator[list[ReadText]]:
        """Yield what was read of the predictions, in groups that are explained together."""
        ...

    def explain_group(self, texts: Sequence[ReadText]) -> list[tuple[str, Explanation]]:
        """Return ids and explanations of a group."""
        ...

    def explain_briefly(self, texts: Sequence[ReadText]) -> list[tuple[str, Explanation]]:
        """Return ids and what the predictions of a group are under other weights alone.

        Empty where the model allows no other weights.
        """
        ...


def check_choice(options: PredictOptions, workspace: Workspace) -> None:
    """Refuse options that belong to the other kind of model.

    Raises:
        UsageError: there are some.
    """
    if options.model is None:
        given = {
            "--weights": options.weights is not None,
            "--heads": options.heads,
            "--classes": options.classes is not None,
        }
        if name := next((name for name, is_given in given.items() if is_given), None):
            raise UsageError(f"{name} is for a transformer: give --model hf:FOLDER too")
    elif workspace.checkpoint is not None or options.tokenizer is not None:
        name = "--checkpoint" if workspace.checkpoint is not None else "--tokenizer"
        raise UsageError(f"{name} cannot be used with --model")


@dataclass(frozen=True, slots=True)
class Source:
    """A model on this machine, as a process opens it; it is predicted by ``chunk`` examples.

    ``sha256`` stands for the files that it had when the work began. Where ``alone`` one process of
    a machine does best. ``files`` are its files by name, for a machine that lacks the folder.
    """

    folder: Path
    sha256: str
    options: PredictOptions
    device: str
    chunk: int
    alone: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def packed(self) -> Source:
        """Return the same with its files.

        Raises:
            CheckpointError: they are more than a cluster is sent, or cannot be read.
        """
        paths = [path for path in sorted(self.folder.iterdir()) if path.suffix in SENT]
        size = sum(path.stat().st_size for path in paths)
        if size > LARGEST:
            raise CheckpointError(
                f"{self.folder}: its files have {size / 1e9:.1f} GB, and a cluster is sent no more"
                f" than {LARGEST / 1e9:.0f} GB; predict without --scheduler"
            )
        return replace(self, files={path.name: path.read_bytes() for path in paths})

    def open(self) -> Predictor:
        """Load the model.

        Raises:
            CheckpointError: it cannot be used, or is another one by now.
        """
        if not self.files:
            return self._opened(self.folder)
        with scratch_folder() as folder:
            for name, content in self.files.items():
                (folder / name).write_bytes(content)
            return self._opened(folder)

    def _opened(self, folder: Path) -> Predictor:
        if self.options.model is None:
            predictor = open_checkpoint(folder, self.options, self.device)
        else:
            predictor = open_transformer(f"hf:{folder}", self.options, self.device)
        if predictor.sha256 != self.sha256:
            raise CheckpointError(f"{self.folder}: the checkpoint has changed; run again")
        return predictor


@dataclass(frozen=True, slots=True, eq=False)
class CheckpointPredictor:
    """A checkpoint as a ``Predictor``."""

    checkpoint: Checkpoint
    folder: Path
    options: PredictOptions
    device: str
    labels: Labels = field(default_factory=Labels)
    weights: Weights | None = None
    activity: str = "predicting"
    takes_weights: bool = True

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of the logits."""
        return self.checkpoint.classes

    @property
    def sha256(self) -> str:
        """The hash of the checkpoint."""
        return self.checkpoint.sha256

    @property
    def source(self) -> Source | None:
        """How another process opens it; a GPU is not shared."""
        from reportgen.classifier.inference import CHUNK

        if self.device != "cpu":
            return None
        return Source(self.folder, self.sha256, self.options, self.device, CHUNK)

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
        for texts in self.groups(predictions, seed):
            yield from self.explain_group(texts)

    def groups(self, predictions: Iterable[Prediction], seed: int) -> Iterator[list[ReadText]]:
        """Yield what was read of the predictions, in groups that are explained together."""
        from reportgen.classifier.explain import BATCH_WORDS

        return groups(predictions, seed, BATCH_WORDS)

    def explain_group(self, texts: Sequence[ReadText]) -> list[tuple[str, Explanation]]:
        """Return ids and explanations of a group."""
        from reportgen.classifier.explain import explain_group

        return explain_group(self.checkpoint, texts, self.device)

    def explain_briefly(self, texts: Sequence[ReadText]) -> list[tuple[str, Explanation]]:
        """Return ids and what the predictions of a group are under other weights alone."""
        from reportgen.classifier.explain import explain_briefly

        return explain_briefly(self.checkpoint, texts, self.device)


def open_checkpoint(folder: Path, options: PredictOptions, device: str) -> Predictor:
    """Load a checkpoint of this package.

    Raises:
        CheckpointError, TokenizeError, DependencyError: it cannot be used.
    """
    from reportgen.classifier.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(folder, options.tokenizer, device)
    return CheckpointPredictor(checkpoint, folder, options, device)


def open_transformer(model: str, options: PredictOptions, device: str) -> Predictor:
    """Load a transformer, ``hf:FOLDER`` or ``hf:NAME``.

    Raises:
        UsageError, CheckpointError, DependencyError: it cannot be used, or not with these options.
    """
    from reportgen.adapters.hf.loading import load, require_transformers
    from reportgen.adapters.hf.weighing import parse_method

    method = parse_method(options.weights or "attention", options.heads)
    require_transformers()
    from reportgen.adapters.hf.transformer import CHUNK, Transformer

    loaded = load(model, device, options.classes)
    transformer = Transformer(
        loaded,
        method,
        batch_size=options.batch_size,
        max_tokens=options.max_tokens,
        device=device,
    )
    if device == "cpu":  # it uses every processor by its threads, and memory but once
        size = CHUNK * options.batch_size
        transformer.source = Source(loaded.folder, loaded.sha256, options, device, size, alone=True)
    return transformer
