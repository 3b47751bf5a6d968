"""Write a model card of Hugging Face from a finished run. Only this module writes such cards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reportgen.analysis.metrics import Quality
from reportgen.errors import ArchiveError, DependencyError, UsageError
from reportgen.files import new_file
from reportgen.publish.archive import MANIFEST
from reportgen.publish.finished import FinishedRun, read_run
from reportgen.publish.markdown import bullets, code, heading, one_line, plain, table
from reportgen.publish.summary import measure_rows
from reportgen.publish.words import modelcard as words
from reportgen.publish.words import notes
from reportgen.publish.words.captions import MATRIX
from reportgen.publish.words.weights import terms

__all__ = ["write_card"]

TASK = "text-classification"
INSTALL = "pip install 'reportgen[card]'"
# Measures that the hub knows, by its names (hf.co/metrics), and how they are averaged there; the
# others keep their names.
HUB: dict[str, tuple[str, dict[str, str]]] = {
    "accuracy": ("accuracy", {}),
    "macro_precision": ("precision", {"average": "macro"}),
    "macro_recall": ("recall", {"average": "macro"}),
    "macro_f1": ("f1", {"average": "macro"}),
    "mcc": ("matthews_correlation", {}),
    "roc_auc": ("roc_auc", {}),
    "brier": ("brier_score", {}),
}
CLASSES, MISTAKES = 100, 20  # that are listed


def write_card(run: Path, out: Path | None = None) -> Path:
    """Write the card of a run, by default beside it, and return where it is.

    Raises:
        UsageError: the file would stand in the run itself.
        ArchiveError: it is no run, or not as its manifest says.
        DependencyError: huggingface_hub is not installed.
        ReportgenError: the file exists.
    """
    found = read_run(run)
    folder = found.folder.resolve()
    place = out or folder.with_name(f"{folder.name}-card.md")
    if place.resolve().is_relative_to(folder):
        raise UsageError(f"{place}: lies in the run, which is never changed; choose another --out")
    text = card(found)
    try:
        with new_file(place) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        where = error.filename or place
        raise ArchiveError(f"{where}: cannot be written ({error.strerror or error})") from error
    return place


def card(run: FinishedRun) -> str:
    """Return the card: metadata as YAML between rules, then Markdown.

    Raises:
        DependencyError: huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import ModelCard
    except ImportError as error:
        raise DependencyError(f"a model card needs huggingface_hub: {INSTALL}") from error
    body = "\n\n".join(_body(run))
    return str(ModelCard(f"---\n{_metadata(run).to_yaml()}\n---\n\n{body}\n"))


def _metadata(run: FinishedRun) -> Any:
    """Return what the hub reads: the task, the measures by its names, the model index."""
    from huggingface_hub import EvalResult, ModelCardData

    data = run.info.data
    measures = [m for n, m in run.measures.items() if "." not in n and m.value == m.value]
    results = []
    for measure in measures:
        kind, arguments = HUB.get(measure.name, (measure.name, {}))
        results.append(
            EvalResult(
                task_type=TASK,
                task_name="Text Classification",
                dataset_type=one_line(data.name),
                dataset_name=one_line(data.name),
                dataset_split=one_line(data.split) or None,
                metric_type=kind,
                metric_name=one_line(words.measure_name(measure)),
                metric_value=measure.value,
                metric_args=arguments or None,
            )
        )
    return ModelCardData(
        pipeline_tag=TASK,
        tags=["reportgen"],
        metrics=[HUB[m.name][0] for m in measures if m.name in HUB] or None,
        model_name=one_line(run.info.model.name) if results else None,
        eval_results=results or None,
    )


def _body(run: FinishedRun) -> Iterator[str]:
    weights = terms(run.info.weights)
    yield heading(run.info.model.name, 1)
    yield f"**{plain(run.headline)}.** {plain(run.lede)}"
    yield heading("Evaluation")
    yield table(["", ""], words.evaluated(run.info, run.examples))
    if run.quality is not None:
        yield from _results(run, run.quality)
    yield heading(weights.title)
    yield from map(plain, words.faithful(run.faithfulness, weights))
    yield heading("Limits")
    yield bullets(map(plain, words.limits(run, weights)))
    yield heading("The report")
    yield plain(words.report(run.experiment, run.id))
    there = {*run.files, MANIFEST}
    files = [(name, what) for name, what in words.FILES.items() if name in there]
    yield bullets(f"{code(name)}: {plain(what)}" for name, what in files)
    yield f"{code(f'reportgen verify RUN --digest {run.digest}')} {plain(words.VERIFY)}"


def _results(run: FinishedRun, quality: Quality) -> Iterator[str]:
    """Yield the tables of what the labels show: measures, classes, which are confused."""
    many = len(quality.classes) > MATRIX
    one = "example" if run.labelled == run.examples else "labelled example"
    yield heading("Measures")
    heads = ["measure", "value", "95 % interval", "method of the interval"]
    overall = [m for m in run.measures.values() if "." not in m.name]
    yield table(heads, measure_rows(overall, many=False))
    yield plain(notes.measures(quality, many, one))
    yield heading("Classes")
    listed = sorted(quality.classes, key=lambda c: -c.support)[:CLASSES]
    kinds = ("precision", "recall", "f1")
    yield table(
        ["class", "precision", "recall", "F1", "labelled", "predicted"],
        (
            (
                c.name,
                *(words.class_figure(run.measures.get(f"{kind}.{c.name}")) for kind in kinds),
                f"{c.support:,}",
                f"{c.predicted:,}",
            )
            for c in quality.classes
            if c in listed
        ),
        numbers=5,
    )
    if note := notes.classes(len(quality.classes), CLASSES):
        yield plain(note)
    yield heading("Confusion of classes")
    if many:
        shown = quality.mistakes[:MISTAKES]
        if shown:
            yield table(
                ["label", "predicted", "examples", "of the label"],
                ((m.label, m.predicted, f"{m.count:,}", f"{m.support:,}") for m in shown),
                numbers=2,
            )
        yield plain(words.mistakes(len(shown), len(quality.mistakes)))
        return
    names = [c.name for c in quality.classes]
    counts = quality.matrix().tolist()
    yield table(
        ["label ↓, predicted →", *names],
        ([name, *(f"{n:,}" for n in row)] for name, row in zip(names, counts, strict=True)),
        numbers=len(names),
    )
