"""Predictions of a transformer that is in memory; ``predict`` takes one from its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypedDict, Unpack

from reportgen.adapters.attributions import check_count, run_info
from reportgen.adapters.frames import plain
from reportgen.api.attributions import named
from reportgen.api.calls import check_keywords, progress_of, record, system_errors
from reportgen.api.tables import Predictions, made
from reportgen.characters import legal
from reportgen.errors import PredictionsError, UsageError
from reportgen.options import PredictOptions
from reportgen.predicting import Prepared, load_torch, write_table
from reportgen.predictors import Predictor
from reportgen.records import Example, ModelInfo, RunInfo
from reportgen.remedies import PAIRS
from reportgen.versions import versions

__all__ = ["TransformerKeywords", "from_transformers"]


class TransformerKeywords(TypedDict, total=False):
    """What may be said beside the model, its tokenizer, texts and labels."""

    weights: str
    heads: bool
    classes: Sequence[str] | None
    ids: Sequence[str | int] | None
    run: Mapping[str, Any]
    batch_size: int
    max_tokens: int | None
    explain: int | None
    progress: bool


def from_transformers(
    model: Any,
    tokenizer: Any,
    texts: Sequence[str],
    labels: Sequence[str | int | None] | None = None,
    **more: Unpack[TransformerKeywords],
) -> Predictions:
    """Predict N texts with a sequence classifier of transformers that is in memory.

    The model stays where it is and as it is, and nothing of it is written. One that is in a folder
    is predicted by ``rg.predict("my_reviews", model="hf:FOLDER")``.

    Args:
        model: an ``AutoModelForSequenceClassification``, on any device.
        tokenizer: its fast tokenizer.
        texts: [N] the texts.
        labels: [N] names of classes or their numbers; None: no label (also for all).
        **more: ``weights`` of the words: "attention" (of the last layer, the default),
            "attention:LAYER", "rollout" or "gradients" (integrated gradients, signed); ``heads``
            (True keeps the weights of each attention head too, as ``row.heads`` [H, W]);
            ``classes`` [K] in place of the names of the model's config; ``ids`` [N] (else numbers
            from 1); ``batch_size``; ``max_tokens`` (word-pieces read of each text; None: as many as
            the model can); ``explain`` (of how many texts the weights are tested by removing words:
            50; None: all); ``run`` with further metadata as in ``render``; ``progress``.

    Raises:
        DependencyError: transformers 5 or newer is not installed.
        UsageError: these are no sequence classifier and fast tokenizer, or numbers do not agree.
        CheckpointError: the model cannot be used; the message says why.

    Example:
        >>> from transformers import AutoModelForSequenceClassification, AutoTokenizer
        >>> model = AutoModelForSequenceClassification.from_pretrained("my_model")
        >>> tokenizer = AutoTokenizer.from_pretrained("my_model")
        >>> texts = ["Not bad at all", "Plain awful"]
        >>> predictions = rg.from_transformers(model, tokenizer, texts, [1, 0], explain=0)
        >>> [(row.label, row.tokens) for row in predictions]
        [('positive', ('Not', 'bad', 'at', 'all')), ('negative', ('Plain', 'awful'))]
    """
    check_keywords("from_transformers", more, TransformerKeywords)
    options = record(PredictOptions, more)
    with system_errors(), _borrowed(model, tokenizer, options) as predictor:
        examples = _examples(texts, labels, more.get("ids"), predictor)
        info = _info(more.get("run") or {}, predictor, len(examples), options.explain != 0)
        prepared = Prepared(examples, info.data.split, predictor, info, str(model.device))
        return made(lambda path: write_table(prepared, options, path, progress_of(more)))


@contextmanager
def _borrowed(model: Any, tokenizer: Any, options: PredictOptions) -> Iterator[Predictor]:
    """Give the model as what predicts, and leave it as it was."""
    load_torch()
    from reportgen.adapters.hf.borrowing import borrowed
    from reportgen.adapters.hf.loading import require_transformers
    from reportgen.adapters.hf.weighing import parse_method

    method = parse_method(options.weights or "attention", options.heads)
    require_transformers()
    from reportgen.adapters.hf.transformer import Transformer

    with borrowed(model, tokenizer, options.classes) as loaded:
        yield Transformer(
            loaded,
            method,
            batch_size=options.batch_size,
            max_tokens=options.max_tokens,
            device=str(model.device),
        )


def _examples(texts: Any, labels: Any, ids: Any, predictor: Predictor) -> list[Example]:
    """Return the examples; a label may be spelled as data spell the model's classes."""
    written = plain(texts)
    if not isinstance(written, list):
        raise UsageError("texts are no list: give one string per text")
    n = len(written)
    for number, text in enumerate(written, 1):
        if not isinstance(text, str):
            more = f"; {PAIRS}" if isinstance(text, list) else ""
            raise PredictionsError(
                f"texts, row {number}: {type(text).__name__}, not a string{more}"
            )
    names = check_count("labels", named(labels, predictor.classes), n) or [None] * n
    numbers = check_count("ids", plain(ids), n) or range(1, n + 1)
    known = predictor.labels.spellings
    return [
        Example(str(id_), legal(text)[0], name and known.get(name.casefold(), name))
        for id_, text, name in zip(numbers, written, names, strict=True)
    ]


def _info(run: Mapping[str, Any], predictor: Predictor, count: int, explained: bool) -> RunInfo:
    """Return the metadata: what ``run`` says, and of the model what is known of it."""
    given = run_info(run, predictor.classes)
    model = predictor.info()
    if given.model.name != ModelInfo().name:
        model = replace(model, name=given.model.name)
    data = replace(given.data, rows=count, evaluated=count)
    used = versions(predictor.packages(explained))
    return replace(
        given,
        data=data,
        model=model,
        weights=predictor.weights,
        versions={**used, **given.versions},
    )
