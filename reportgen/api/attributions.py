"""Predictions from attributions: SHAP explanations, and values of Captum or any other method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from numpy.typing import ArrayLike

from reportgen import predictions as tables
from reportgen.adapters import shap
from reportgen.adapters.attributions import Columns, Made, make, segments
from reportgen.adapters.frames import plain
from reportgen.api.calls import check_keywords
from reportgen.api.tables import Predictions, made
from reportgen.errors import PredictionsError, UsageError
from reportgen.predictions.labels import Labels
from reportgen.records import WEIGHT_KINDS, WeightKind, Weights

__all__ = ["AttributionKeywords", "from_attributions", "from_shap", "named"]


class AttributionKeywords(TypedDict, total=False):
    """What may be said beside tokens, values, probabilities and labels."""

    texts: Sequence[str] | None
    ids: Sequence[str | int] | None
    run: Mapping[str, Any]
    kind: WeightKind
    name: str
    of: str


def from_attributions(
    tokens: Sequence[Sequence[str]],
    values: Sequence[ArrayLike],
    probabilities: ArrayLike,
    labels: Sequence[str | int | None] | None = None,
    *,
    classes: Sequence[str],
    **more: Unpack[AttributionKeywords],
) -> Predictions:
    """Make predictions of N texts from one number per token, of Captum or any other method.

    Word-pieces ("##ing", "Ġword", "▁word") become words, whose values are summed; special tokens
    ("[CLS]", "</s>") are left out; the report says so. Arrays may be tensors.

    Args:
        tokens: [N][T] the tokens of each text, as the tokenizer writes them.
        values: [N][T] one finite number per token; positive ones raised the probability of the
            predicted class. NaN or None: the model did not read the token.
        probabilities: [N, K] by class; of two classes, [N] of the second will do.
        labels: [N] names of classes or their numbers; None: no label (also for all).
        classes: [K] the names of the classes, in the order of the probabilities.
        **more: ``texts`` [N] (else a text is its words with spaces between), ``ids`` [N] (else
            numbers from 1), ``name`` of the method, ``kind`` ("attribution", or "attention": not
            negative, summing to 1 over a text), ``of`` what the values are ("predicted class"),
            ``run`` with further metadata as in ``render``.

    Raises:
        UsageError: numbers of texts or shapes do not agree.
        PredictionsError: a row cannot be used; the message names it.

    Example:
        >>> predictions = rg.from_attributions(
        ...     tokens=[["[CLS]", "not", "bor", "##ing", "[SEP]"]],
        ...     values=[[0.0, 0.5, -0.1, -0.2, 0.0]],
        ...     probabilities=[[0.2, 0.8]],
        ...     labels=["no"],
        ...     classes=["no", "yes"],
        ...     name="integrated gradients",
        ... )
        >>> [(row.text, row.attention.round(1).tolist()) for row in predictions]
        [('not boring', [0.5, -0.30000001192092896])]
        >>> predictions.info.weights.steps
        ('word-pieces summed to words', 'special tokens left out')
    """
    check_keywords("from_attributions", more, AttributionKeywords)
    columns = _columns(probabilities, labels, classes, more)
    return _written(make(segments(tokens, values, columns.texts), columns))


def from_shap(
    explanation: Any,
    labels: Sequence[str | int | None] | None = None,
    *,
    classes: Sequence[str] | None = None,
    probabilities: ArrayLike | None = None,
    **more: Unpack[AttributionKeywords],
) -> Predictions:
    """Make predictions of N texts from an ``Explanation`` of SHAP over texts.

    The values of the predicted class are taken. Segments of one word become the word, whose
    values are summed; the empty segments of special tokens are left out; the report says so.

    Args:
        explanation: with ``data`` [N][T] (segments of text), ``values`` [N][T, K] or, of two
            classes, [N][T] of one of them, ``base_values``, and perhaps ``output_names``.
        labels: [N] names of classes or their numbers; None: no label (also for all).
        classes: [K] the names of the classes; None: the explanation's ``output_names``.
        probabilities: [N, K]; None: values and base values add up to them, as where a function
            was explained that returns probabilities.
        **more: ``ids``, ``texts``, ``name``, ``of`` and ``run`` as in ``from_attributions``.

    Raises:
        UsageError: the values do not fit the classes, or do not add up to probabilities.
        PredictionsError: a row cannot be used, as of a hierarchical explanation.

    Example:
        >>> from types import SimpleNamespace  # in place of shap.Explainer(...)(texts)
        >>> explanation = SimpleNamespace(
        ...     data=[["not ", "bad"]],
        ...     values=[[[-0.1, 0.1], [-0.3, 0.3]]],
        ...     base_values=[[0.5, 0.5]],
        ...     output_names=["no", "yes"],
        ... )
        >>> predictions = rg.from_shap(explanation, labels=["no"])
        >>> [(row.text, row.probabilities.round(1).tolist()) for row in predictions]
        [('not bad', [0.10000000149011612, 0.8999999761581421])]
    """
    check_keywords("from_shap", more, AttributionKeywords)
    names = shap.class_names(explanation, classes)
    columns = _columns(probabilities, labels, names, {"name": "SHAP values", **more})
    return _written(shap.from_explanation(explanation, columns))


def _columns(
    probabilities: Any, labels: Any, classes: Sequence[str], more: Mapping[str, Any]
) -> Columns:
    kind = more.get("kind", "attribution")
    if kind not in WEIGHT_KINDS:
        raise UsageError(f"kind={kind!r}: one of {', '.join(WEIGHT_KINDS)}")
    names = tuple(map(str, classes))
    return Columns(
        probabilities=probabilities,
        labels=named(labels, names),
        classes=names,
        texts=more.get("texts"),
        ids=more.get("ids"),
        run=more.get("run") or {},
        weights=Weights(kind, more.get("name", ""), more.get("of", Weights().of)),
    )


def named(labels: Any, classes: tuple[str, ...]) -> list[str | None] | None:
    """Return the names of labels, which may be numbers, as the table reads them."""
    if labels is None:
        return None
    of, names = Labels(classes), []
    for row, label in enumerate(plain(labels), 1):
        try:
            names.append(of.name(label))
        except TypeError as error:
            raise PredictionsError(f"labels, row {row}: {error}") from None
    return names


def _written(rows: Made) -> Predictions:
    return made(
        lambda path: tables.write_predictions(path, rows.info, rows.rows, columns=("spans",))
    )
