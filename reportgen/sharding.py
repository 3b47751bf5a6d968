"""Predict and explain in several processes, where the model can be opened in each of them.

A worker opens the model once and works with one thread, as this process does with such a model:
what is computed depends on how the examples are shared out, which is the same for any number of
workers, and not on who computes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, islice

from reportgen.executors import Executor, InProcess, Workers, open_executor, worker_count
from reportgen.explaining import ReadText
from reportgen.predictors import Predictor, Source
from reportgen.records import Example, Explanation, Prediction

__all__ = ["explained", "open_workers", "predicted"]

# Characters to predict, from which on workers save more time than their start takes, and how many
# of them take as long as the explanation of one.
WORTH, EXPLAINED = 8_000_000, 180


@contextmanager
def open_workers(
    predictor: Predictor, examples: Sequence[Example], explain: int, workers: Workers
) -> Iterator[Executor]:
    """Open what predicts: workers, where there are to be some and the model can be opened there.

    ``workers`` None means one a processor, if so many examples take long enough.
    """
    source = predictor.source
    if not (workers is None or isinstance(workers, int)):
        yield InProcess() if source is None else workers
        return
    characters = sum(len(example.text) for example in examples)
    share = explain / max(len(examples), 1)
    pays = workers is not None or characters * (1 + EXPLAINED * share) > WORTH
    if source is None or source.alone or not pays or worker_count(workers) == 1:
        yield InProcess()
        return
    with open_executor(workers) as executor:
        yield executor


def predicted(
    predictor: Predictor, examples: Iterable[Example], executor: Executor
) -> Iterator[Prediction]:
    """Yield one prediction per example, in order; what one process predicts at a time, here."""
    if predictor.source is None or isinstance(executor, InProcess):
        yield from predictor.predict(examples)
        return
    stream, size = iter(examples), predictor.source.chunk
    first, rest = list(islice(stream, size)), iter(lambda: list(islice(stream, size)), [])
    if (second := next(rest, None)) is None:
        yield from predictor.predict(first)
        return
    predict = executor.bind(_predict, _sent(predictor.source, executor))
    for predictions in executor.map(predict, chain((first, second), rest)):
        yield from predictions


def explained(
    predictor: Predictor,
    predictions: Iterable[Prediction],
    seed: int,
    executor: Executor,
    briefly: bool = False,
) -> Iterator[tuple[str, Explanation]]:
    """Yield ids and explanations of the predictions of which a token was read, in any order.

    ``briefly`` measures only what is predicted under other weights, which takes a moment.
    """
    groups = predictor.groups(predictions, seed)
    if briefly or predictor.source is None or isinstance(executor, InProcess):
        explain = predictor.explain_briefly if briefly else predictor.explain_group
        yield from chain.from_iterable(map(explain, groups))
        return
    explain_there = executor.bind(_explain, _sent(predictor.source, executor))
    yield from chain.from_iterable(executor.map(explain_there, groups))


def _sent(source: Source, executor: Executor) -> Source:
    """Return what a worker opens: the files themselves, where it may lack them."""
    return source.packed() if executor.remote else source


def _predict(source: Source, examples: Sequence[Example]) -> list[Prediction]:
    return list(_opened(source).predict(examples))


def _explain(source: Source, texts: Sequence[ReadText]) -> list[tuple[str, Explanation]]:
    return _opened(source).explain_group(texts)


@lru_cache(maxsize=1)
def _opened(source: Source) -> Predictor:
    return source.open()
