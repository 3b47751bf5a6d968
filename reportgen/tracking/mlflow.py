"""Log a finished run to MLflow: a tracking server or a database. No other module knows MLflow."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from reportgen.errors import DependencyError, TrackingError
from reportgen.files import temporary_folder
from reportgen.publish.finished import finished
from reportgen.publish.past import SINGLE
from reportgen.publish.sealed import COMPARED, open_sealed
from reportgen.tracking.address import Address, address_of
from reportgen.tracking.compared import comparison_contents
from reportgen.tracking.contents import Contents, contents

__all__ = ["Logged", "Tracker", "open_tracker"]

INSTALL = "pip install 'reportgen[mlflow]'"
NEEDED = ("sqlalchemy", "alembic")  # by databases; mlflow-skinny comes without them
SILENT = {  # nothing is reported of the user, and nothing is printed: an address has passwords
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
HASTE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "4"}  # half a minute; by default it is four
LOGGERS = ("mlflow", "alembic", "urllib3")
BATCH = 100  # parameters or metrics that one request may hold
DIGEST = 36  # characters of the hash of data


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a run was logged: an address for a reader, and whether its one-file report is there."""

    place: str
    page: bool


@dataclass(frozen=True, slots=True)
class Tracker:
    """A server or database that takes runs; ``page`` is where the one-file report is to be put.

    It is a temporary file, for runs that have none of their own. Both are None where nothing is
    logged.
    """

    address: Address | None = None
    page: Path | None = None

    def log(self, run: Path) -> Logged | None:
        """Log a finished run, which is only read; None where there is nowhere to log it.

        Raises:
            ArchiveError: a file of the run is not as its manifest says.
            TrackingError: the server or database failed; what it has of the run is marked FAILED.
        """
        if self.address is None:
            return None
        told = _contents(run, self.page)
        try:
            with _quiet(), _unless_set(PATIENCE):
                return _log(self.address, told)
        except Exception as error:  # of MLflow, SQLAlchemy, a driver or the network
            raise TrackingError(
                f"{self.address.shown}: the run was not logged ({_reason(error, self.address)});"
                f" it is complete in {run}"
            ) from None


@contextmanager
def open_tracker(uri: str | None) -> Iterator[Tracker]:
    """Check, before any long work, that runs can be logged to an address; None logs nothing.

    Raises:
        UsageError: it is no address of a server or database.
        DependencyError: MLflow is not installed, or without what a database needs.
        TrackingError: the server or database cannot be reached.
    """
    if uri is None:
        yield Tracker()
        return
    address = address_of(uri)
    with _quiet(), _unless_set(HASTE):
        try:
            _client(address).search_experiments(max_results=1)
        except (DependencyError, TrackingError):
            raise
        except Exception as error:  # of MLflow, SQLAlchemy, a driver or the network
            reason = _reason(error, address)
            raise TrackingError(f"--mlflow {address.shown}: cannot be used ({reason})") from None
    with temporary_folder(Path(gettempdir())) as folder:
        yield Tracker(address, folder / SINGLE)


def _contents(run: Path, page: Path | None) -> Contents:
    sealed = open_sealed(run)
    if COMPARED in sealed.listed:
        return comparison_contents(sealed, page)
    return contents(finished(sealed), page)


def _client(address: Address) -> Any:
    """Return MLflow's client for an address.

    Raises:
        DependencyError: MLflow is not installed, or without what a database needs.
    """
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        missing = "it is not installed" if error.name == "mlflow" else str(error)
        raise DependencyError(f"MLflow is needed for --mlflow ({missing}): {INSTALL}") from error
    logging.getLogger("mlflow").setLevel(logging.ERROR)  # its import sets a level of its own
    if address.database and not all(map(find_spec, NEEDED)):
        raise DependencyError(
            f"--mlflow {address.shown}: mlflow-skinny cannot use a database; install MLflow whole"
            f" ({INSTALL}), or give the address of a tracking server (http://HOST:5000)"
        )
    return MlflowClient(address.uri)


def _log(address: Address, told: Contents) -> Logged:
    client = _client(address)
    experiment = _experiment(client, told.experiment)
    logged = client.create_run(
        experiment, start_time=told.milliseconds, tags=dict(told.tags), run_name=told.name
    )
    id_ = logged.info.run_id
    try:
        _send(client, id_, told)
    except BaseException:
        with suppress(Exception), _environment(HASTE):
            client.set_terminated(id_, "FAILED")
        raise
    client.set_terminated(id_)
    place = f"{address.shown.rstrip('/')}/#/experiments/{experiment}/runs/{id_}"
    if address.database:
        place = f"{address.shown}, run {id_}"
    return Logged(place, any(file.name == SINGLE for file in told.files))


def _experiment(client: Any, name: str) -> str:
    """Return the id of MLflow's experiment of that name, which is made where there is none."""
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name))
        except Exception:  # another run was faster
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    if found.lifecycle_stage != "active":
        raise TrackingError(f"the experiment {name} was deleted there; restore it")
    return str(found.experiment_id)


def _send(client: Any, run: str, told: Contents) -> None:
    """Send all that is told of a run: parameters, metrics, data, files."""
    from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param

    parameters = [Param(name, value) for name, value in told.parameters.items()]
    time = told.milliseconds or 0
    metrics = [Metric(name, value, time, 0) for name, value in told.metrics.items()]
    for at in range(0, max(len(parameters), len(metrics)), BATCH):
        part = slice(at, at + BATCH)
        client.log_batch(run, metrics=metrics[part], params=parameters[part])
    name, digest = told.data
    if digest:
        data = Dataset(name, digest[:DIGEST], "reportgen", "{}")
        client.log_inputs(run, [DatasetInput(data, [InputTag("mlflow.data.context", "eval")])])
    for file in told.files:
        client.log_artifact(run, str(file))


def _reason(error: BaseException, address: Address) -> str:
    """Say why something failed: what the system said, or else MLflow, without anything secret."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return address.clean(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return address.clean(str(error) or type(error).__name__)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep MLflow and what it uses from printing, warning, and reporting that it is used."""
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(_environment(SILENT))
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            yield
        finally:
            for name, level in before.items():
                logging.getLogger(name).setLevel(level)


def _unless_set(settings: Mapping[str, str]) -> AbstractContextManager[None]:
    """Set how often MLflow repeats a request, but for what the user's own variables say."""
    return _environment({name: v for name, v in settings.items() if name not in os.environ})


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment, which afterwards are as before."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
