"""Predictions tables: open one, or make one with a checkpoint or from a data frame."""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Unpack

from reportgen import pipeline
from reportgen import predictions as tables
from reportgen.adapters.frames import data_lines, table_rows
from reportgen.api.calls import (
    PredictKeywords,
    check_keywords,
    execution_of,
    record,
    respelled,
    system_errors,
    with_run,
)
from reportgen.errors import UsageError
from reportgen.files import errors_name, new_file, temporary_folder
from reportgen.records import Prediction, RunInfo

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Predictions", "Source", "as_predictions", "made", "open_predictions", "predict"]

FILE = "predictions.parquet"


class Predictions:
    """A checked predictions table on disk, of which rows are read on demand.

    Iterating yields a ``Prediction`` for every row: id, text, label, ``probabilities`` [K],
    tokens and their ``attention`` [T]. ``path`` is the file of the table; one that was made
    without a name is temporary and goes with this object: ``save`` keeps it.

    Example:
        >>> predictions = rg.open_predictions("my.parquet")
        >>> len(predictions), predictions.classes
        (2, ('no', 'yes'))
        >>> [row.text for row in predictions]
        ['Plain awful', 'Not bad']
    """

    def __init__(self, path: str | os.PathLike[str], resources: ExitStack | None = None) -> None:
        self.path = Path(path)
        with system_errors(), resources or ExitStack() as stack:
            self._table = stack.enter_context(tables.open_predictions(self.path))
            weakref.finalize(self, stack.pop_all().close)

    @property
    def info(self) -> RunInfo:
        """The metadata of the table: classes, data, model, what the weights are."""
        return self._table.info

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the probabilities."""
        return self._table.info.classes

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[Prediction]:
        yield from self._table

    def __repr__(self) -> str:
        rows = f"{len(self):,} row{'' if len(self) == 1 else 's'}"
        return f"<Predictions: {rows}, classes {', '.join(self.classes)}, {self.path}>"

    def to_pandas(self) -> DataFrame:
        """Return the table as a data frame of pandas, with the columns that the README lists.

        Raises:
            DependencyError: pandas is not installed.
            PredictionsError: the file can no longer be read.

        Example:
            >>> rg.open_predictions("my.parquet").to_pandas().label.tolist()
            ['no', 'yes']
        """
        with system_errors():
            frame: DataFrame = self._table.arrow().to_pandas()
        return frame

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the table to a parquet file that does not exist yet, and return its path.

        Raises:
            ReportgenError: the file exists, or cannot be written.
            UsageError: its name ends otherwise than on ``.parquet``.

        Example:
            >>> rg.open_predictions("my.parquet").save("copy.parquet").name
            'copy.parquet'
        """
        place = Path(path)
        pipeline.check_table_name(place)
        with system_errors(), new_file(place) as part:
            shutil.copyfile(self._table.path, part)
        return place


Source = Predictions | str | os.PathLike[str] | Sequence[Mapping[str, Any]] | Any


def open_predictions(path: str | os.PathLike[str]) -> Predictions:
    """Open a predictions table and check every row: parquet, or JSON Lines (also gzipped).

    Raises:
        PredictionsError: it is missing, damaged, or breaks the schema; the message names the row.

    Example:
        >>> rg.open_predictions("my.parquet")
        <Predictions: 2 rows, classes no, yes, my.parquet>
    """
    return Predictions(path)


def predict(
    data: Any = None,
    *,
    split: str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    **options: Unpack[PredictKeywords],
) -> Predictions:
    """Predict a split of a data folder and return the predictions table.

    It does what ``reportgen predict`` does.

    Args:
        data: a folder with ``SPLIT.csv`` and the like, or one such file; or a data frame, or rows
            (a list of dicts), with the columns that such a file has; None: the bundled sample
            reviews.
        split: the name of a file in the folder, without its extension; None: test.
        checkpoint: a folder that ``reportgen train`` wrote; None: the one in
            ``reports/DATA/checkpoint``, for the sample reviews the bundled one.
        out: the parquet file to write; None: a temporary one, which goes with the result.
        **options: as the options of that command, of the data ``text_column``, ``label_column``,
            ``id_column``, ``unlabelled``, ``delimiter``, ``encoding``, ``on_bad_row`` ("error" or
            "skip"), ``limit`` (a seeded sample of so many), ``seed``; of the model ``model``
            ("hf:FOLDER" in place of a checkpoint), ``weights``, ``heads`` (True keeps those of each
            attention head too) and ``classes`` of it, ``tokenizer`` (a custom one to trust),
            ``batch_size``, ``device``, ``max_tokens``, ``explain`` (of how many texts the weights
            are tested by removing words; None: all); ``workers``
            (processes: 1; None: one a processor, in a script only below
            ``if __name__ == "__main__"``), ``scheduler`` (a Dask cluster in their place);
            and ``progress`` (True shows it on standard error).

    Raises:
        ReportgenError: the data or the checkpoint cannot be used, or ``out`` exists.

    Example:
        >>> rg.predict(split="test", limit=5, explain=0, out="five.parquet")
        <Predictions: 5 rows, classes negative, positive, five.parquet>
    """
    check_keywords("predict", options, PredictKeywords)
    names = options.get("classes")
    arguments = (
        record(pipeline.PredictOptions, {**options, "classes": names and tuple(names)}),
        pipeline.Workspace(checkpoint=None if checkpoint is None else Path(checkpoint)),
    )
    execution = execution_of(options)
    reading = {**options, "split": split}

    def write(path: Path) -> None:
        with _placed(data, reading) as place:
            read = record(pipeline.DataOptions, {**reading, "data": place})
            pipeline.predict(read, *arguments, path, execution)

    if out is None:
        return made(write)
    with system_errors():
        write(Path(out))
    return Predictions(out)


@contextmanager
def _placed(data: Any, reading: Mapping[str, Any]) -> Iterator[str | None]:
    """Give the place of the data; a frame, or rows, are written into a file for the while."""
    if data is None or isinstance(data, str | os.PathLike):
        yield None if data is None else os.fspath(data)
        return
    with temporary_folder(Path(gettempdir())) as folder:
        file = folder / "data" / f"{reading['split'] or 'test'}.jsonl"
        file.parent.mkdir()
        lines = data_lines(data, reading.get("id_column", pipeline.DataOptions().id_column))
        file.write_text("".join(lines), encoding="utf-8")
        with errors_name(Path("the data"), file):
            yield str(file.parent)


def made(write: Callable[[Path], None], name: str = "the predictions") -> Predictions:
    """Let a function write a table into a temporary folder and open it.

    ``name`` is what messages call it in place of the file.
    """
    with system_errors(), ExitStack() as stack:
        folder = stack.enter_context(temporary_folder(Path(gettempdir())))
        path = folder / FILE
        with errors_name(Path(name), path), respelled(with_run):
            write(path)
            return Predictions(path, stack)


def as_predictions(
    source: Source, classes: Sequence[str] | None, run: Mapping[str, Any] | None
) -> Predictions:
    """Return the predictions of a frame, of rows, of a path, or those that are some already.

    Raises:
        UsageError: ``classes`` or ``run`` are given for a table, which holds its own.
        PredictionsError: a column is missing or a value does not fit; the message names its row.
    """
    if isinstance(source, Predictions | str | os.PathLike):
        if classes is not None or run is not None:
            raise UsageError(
                "classes= and run= are for frames and rows: a table holds its own metadata; read a"
                " file without any into a frame (as by pandas.read_parquet)"
            )
        return source if isinstance(source, Predictions) else Predictions(source)
    given = dict(run or {})
    rows = table_rows(source, classes or given.get("classes"), {*tables.REQUIRED, *tables.OPTIONAL})
    metadata = {**given, "classes": list(rows.classes)}
    return made(lambda path: tables.import_rows(rows.rows, metadata, path, rows.name), rows.name)
