"""Records that pass between packages: frozen, slotted, without I/O.

Records that hold arrays compare by identity, because arrays compare element by element.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FRACTIONS",
    "PREDICTED",
    "DataInfo",
    "Example",
    "Explanation",
    "Labels",
    "ModelInfo",
    "Prediction",
    "RunInfo",
    "Skipped",
    "Span",
    "Tokens",
    "Weights",
]

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)  # of the tokens that are removed, at least one

LARGEST = 2**63  # numbers of the metadata lie below

PREDICTED = "predicted class"  # whose weights they are, if not said otherwise

Span = tuple[int, int]
WeightKind = Literal["attention", "attribution"]
WEIGHT_KINDS: tuple[WeightKind, ...] = get_args(WeightKind)


@dataclass(frozen=True, slots=True)
class Example:
    """One text with its label and tokens; ``label`` is None where it has none.

    ``tokens[i] == text[slice(*spans[i])]``; spans are half-open, in characters, in reading order.
    """

    id: str
    text: str
    label: str | None
    tokens: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Labels:
    """How data may spell a model's classes, and what to do where a label is none of them.

    ``spellings`` give the class by the label in lower case.
    """

    spellings: Mapping[str, str] = field(default_factory=dict)
    remedy: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """The model's predictions for an example with tokens removed or under other attention weights.

    ``*_removed`` and ``*_kept`` are probabilities of the predicted class without the chosen tokens
    and with them alone, by ``FRACTIONS`` [F]: the tokens with the largest attention or integrated
    gradients [F], or R random choices among all tokens or content words [R, F] (NaN at the sizes
    that were not drawn). ``uniform`` and ``permuted`` [K] are the class probabilities under even
    and under shuffled attention. ``gradients`` [T] are integrated gradients by token, ``left_out``
    [T] the probability without that token (NaN: not measured). None: the table has no such column,
    or no value in this row.
    """

    attention_removed: NDArray[np.float32] | None = None
    random_removed: NDArray[np.float32] | None = None
    content_removed: NDArray[np.float32] | None = None
    gradients_removed: NDArray[np.float32] | None = None
    attention_kept: NDArray[np.float32] | None = None
    gradients_kept: NDArray[np.float32] | None = None
    uniform: NDArray[np.float32] | None = None
    permuted: NDArray[np.float32] | None = None
    gradients: NDArray[np.float32] | None = None
    left_out: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of some neighbouring examples, in their order.

    ``words`` are distinct words in lower case, ``codes`` [T] the index of each token's word,
    ``weights`` [T] the attention, NaN where not read, ``lengths`` [n] the tokens of each example.
    """

    words: list[str]
    codes: NDArray[np.int64]
    weights: NDArray[np.float64]
    lengths: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """An example with the model's prediction.

    ``label`` is None where the text has none. ``probabilities`` has one number per class in the
    order of ``RunInfo.classes``. ``attention`` has one weight per token, NaN for tokens the model
    did not read: of ``RunInfo.weights``' kind, attention is non-negative and sums to 1 over those
    it read, attributions are any finite numbers. ``heads`` [H, T] are the weights of each attention
    head. ``spans``, ``unknown``, ``logits`` and ``heads`` are None where the table has no such
    column; a span is None or empty where a token has no place in the text.
    """

    id: str
    text: str
    label: str | None
    probabilities: NDArray[np.float32]
    tokens: tuple[str, ...]
    attention: NDArray[np.float32]
    spans: tuple[Span | None, ...] | None = None
    unknown: NDArray[np.bool_] | None = None
    logits: NDArray[np.float32] | None = None
    in_train: bool | None = None
    explanation: Explanation | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    heads: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that ``--on-bad-row skip`` left out: its place and the reason."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class DataInfo:
    """The data that were read: the dataset, the split, and what was left out of it.

    ``rows`` counts the usable rows of the split, ``evaluated`` those of them that were
    predicted (fewer under ``--limit``). ``split`` is empty where it has no name.
    """

    name: str
    split: str
    rows: int
    evaluated: int
    sha256: str | None = None
    split_sizes: Mapping[str, int] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    replaced_characters: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model: a name, its parameters, and how it was trained; all of it optional."""

    name: str = "unnamed model"
    description: str = ""
    tokenizer: str = ""
    checkpoint_sha256: str | None = None
    parameters: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    training_log: tuple[Mapping[str, Any], ...] = ()
    training: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weights:
    """What the weights of the tokens are.

    ``attention`` is non-negative and sums to 1 over the tokens that were read; ``attribution`` is
    signed: positive numbers raised the class that ``of`` names, negative ones lowered it. ``name``
    is the method ("rollout", "SHAP values"; empty: the model's own attention), ``steps`` say what
    was done to the weights before they were written ("mean over 12 heads").
    """

    kind: WeightKind = "attention"
    name: str = ""
    of: str = PREDICTED
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The file metadata of a predictions table: everything about a run that is not a row.

    ``weights``: None where the table does not say; ``versions``: of the packages that predicted.
    """

    classes: tuple[str, ...]
    data: DataInfo
    model: ModelInfo
    seed: int | None = None
    max_tokens: int | None = None
    weights: Weights | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def signed(self) -> bool:
        """Whether the weights have a sign: they are attributions."""
        return self.weights is not None and self.weights.kind == "attribution"

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings and numbers, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> RunInfo:
        """Build the record from parsed JSON; unknown keys are ignored.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: a key is missing, or a value is wrong.
        """
        if not isinstance(raw, Mapping):
            raise TypeError("not an object")
        classes = raw["classes"]
        if not isinstance(classes, list | tuple) or {*map(type, classes)} - {str, int, bool}:
            raise TypeError("classes is not a list of strings or whole numbers")
        made = _object(raw, "versions")
        return cls(
            classes=tuple(map(_class_name, classes)),
            data=_data_info(_object(raw, "data")),
            model=_model_info(_object(raw, "model")),
            seed=_whole(raw, "seed"),
            max_tokens=_whole(raw, "max_tokens", 1),
            weights=_weights(_object(raw, "weights")) if raw.get("weights") is not None else None,
            versions={name: _string(made, name, "versions.") or "" for name in made},
        )


def _class_name(name: str | int) -> str:
    return str(name).lower() if isinstance(name, bool) else str(name)


def _data_info(data: Mapping[str, Any]) -> DataInfo:
    sizes = _object(data, "split_sizes", "data.")
    evaluated = _whole(data, "evaluated", of="data.") or 0
    rows = _whole(data, "rows", of="data.")
    if rows is not None and evaluated > rows:
        raise ValueError("data.evaluated is more than data.rows")
    return DataInfo(
        name=_string(data, "name", "data.") or "unnamed",
        split=_string(data, "split", "data.") or "",
        rows=evaluated if rows is None else rows,
        evaluated=evaluated,
        sha256=_string(data, "sha256", "data."),
        split_sizes={name: _whole(sizes, name, of="data.split_sizes.") or 0 for name in sizes},
        skipped=tuple(_skipped(row) for row in _objects(data, "skipped", "data.")),
        replaced_characters=_whole(data, "replaced_characters", of="data.") or 0,
    )


def _model_info(model: Mapping[str, Any]) -> ModelInfo:
    settings, training = (_object(model, name, "model.") for name in ("settings", "training"))
    temperature = _number(settings, "temperature", "model.settings.")
    if temperature is not None and temperature <= 0:
        raise ValueError("model.settings.temperature is not above 0")
    _whole(training, "best", of="model.training.")
    _object(training, "vectors", "model.training.")
    log = _objects(model, "training_log", "model.")
    for row in log:
        for name in ("epoch", "train_loss", "valid_loss", "valid_accuracy"):
            _number(row, name, "model.training_log.")
    return ModelInfo(
        name=_string(model, "name", "model.") or ModelInfo().name,
        description=_string(model, "description", "model.") or "",
        tokenizer=_string(model, "tokenizer", "model.") or "",
        checkpoint_sha256=_string(model, "checkpoint_sha256", "model."),
        parameters=_whole(model, "parameters", of="model."),
        settings={k: v for k, v in settings.items() if (k, v) != ("temperature", None)},
        training_log=tuple(log),
        training=training,
    )


def _weights(weights: Mapping[str, Any]) -> Weights:
    given = _string(weights, "kind", "weights.") or Weights().kind
    kind = next((kind for kind in WEIGHT_KINDS if kind == given), None)
    if kind is None:
        raise ValueError(f"weights.kind {given!r} is neither 'attention' nor 'attribution'")
    steps = weights.get("steps") or ()
    if not isinstance(steps, list | tuple) or not all(isinstance(step, str) for step in steps):
        raise TypeError("weights.steps is not a list of strings")
    return Weights(
        kind=kind,
        name=_string(weights, "name", "weights.") or "",
        of=_string(weights, "of", "weights.") or Weights().of,
        steps=tuple(steps),
    )


def _whole(raw: Mapping[str, Any], name: str, least: int = 0, of: str = "") -> int | None:
    """Return a whole number; None where there is none. Other programs may write 3 as 3.0."""
    value = raw.get(name)
    if value is None:
        return None
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or not least <= value < LARGEST:
        raise ValueError(f"{of}{name} is not a whole number from {least} on")
    return int(value)


def _number(raw: Mapping[str, Any], name: str, of: str) -> float | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
        raise ValueError(f"{of}{name} is not a number")
    return float(value)


def _string(raw: Mapping[str, Any], name: str, of: str) -> str | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{of}{name} is not a string")
    return value


def _object(raw: Mapping[str, Any], name: str, of: str = "") -> dict[str, Any]:
    value = raw.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{of}{name} is not an object")
    return dict(value)


def _objects(raw: Mapping[str, Any], name: str, of: str) -> list[dict[str, Any]]:
    value = raw.get(name)
    if value is None:
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(v, Mapping) for v in value):
        raise TypeError(f"{of}{name} is not a list of objects")
    return [dict(v) for v in value]


def _skipped(row: Mapping[str, Any]) -> Skipped:
    for name in ("file", "line", "reason"):
        if row[name] is None:
            raise ValueError(f"data.skipped.{name} is null")
    file, reason = (_string(row, name, "data.skipped.") for name in ("file", "reason"))
    return Skipped(file or "", _whole(row, "line", of="data.skipped.") or 0, reason or "")
