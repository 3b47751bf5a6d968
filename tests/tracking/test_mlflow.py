"""Runs are logged to a real MLflow server and to SQLite; whatever fails, the run stays.

What needs MLflow runs in its own environment (``make test``): its pins differ from the lock.
"""

from __future__ import annotations

import base64
import http.server
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from reportgen.errors import TrackingError
from reportgen.publish.archive import run_digest
from reportgen.publish.verification import verify
from reportgen.tracking import mlflow as tracking

FILES = {
    "report.html", "report.pdf", "predictions.parquet", "predictions.csv", "metrics.json",
    "inputs.json", "manifest.json",
}  # fmt: skip


@pytest.fixture
def rendered(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invoke: Any) -> Any:
    """Call ``reportgen render`` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    words = ("render", "--predictions", str(table), "--pdf-examples", "1", "--quiet")
    return lambda *more: invoke(*words, *more)


@pytest.fixture
def client(server: str) -> Any:
    return tracking._client(tracking.address_of(server))


def finished(folder: Path) -> Path:
    (found,) = folder.glob("reports/mine/*Z-*/")
    assert verify(found) == []
    return found


def logged(client: Any, experiment: str) -> list[Any]:
    found = client.get_experiment_by_name(experiment)
    return list(client.search_runs([found.experiment_id])) if found else []


def test_a_run_is_logged_whole(server: str, client: Any, rendered: Any, tmp_path: Path) -> None:
    done = rendered("--mlflow", server.replace("://", "://me:geheim@"), "--experiment", "mine")
    run = finished(tmp_path)
    (found,) = logged(client, "mine")
    place = f"{server}/#/experiments/{found.info.experiment_id}/runs/{found.info.run_id}"
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[4:] == [f"Digest {run_digest(run)}", f"MLflow {place}"]
    assert "geheim" not in done.out + repr(found)
    assert (found.info.status, found.info.run_name) == ("FINISHED", run.name)
    told = tracking._contents(run, None)
    assert found.data.metrics == pytest.approx(dict(told.metrics))
    assert found.data.params == dict(told.parameters)
    assert dict(told.tags).items() <= found.data.tags.items()
    (data,) = found.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("mine", "ab" * 18)
    assert {file.path for file in client.list_artifacts(found.info.run_id)} == FILES
    for name in FILES - {"report.html"}:
        copy = client.download_artifacts(found.info.run_id, name, str(tmp_path))
        assert Path(copy).read_bytes() == (run / name).read_bytes(), name
    page = Path(client.download_artifacts(found.info.run_id, "report.html", str(tmp_path)))
    assert page.read_text().count('class="card') >= 40
    assert not (run / "report.html").exists()


def test_a_comparison_is_logged_whole(
    server: str, client: Any, table: Path, tmp_path: Path, invoke: Any
) -> None:
    words = ("compare", str(table), str(table), "--pdf-examples", "1", "--quiet")
    place = ("--out", str(tmp_path / "compared"), "--experiment", "compared")
    done = invoke(*words, *place, "--mlflow", server)
    assert (done.code, done.err) == (0, "")
    (run,) = (tmp_path / "compared").glob("**/*Z-*/")
    (found,) = logged(client, run.parent.name)
    assert (found.info.status, found.info.run_name) == ("FINISHED", run.name)
    told = tracking._contents(run, None)
    assert found.data.metrics == pytest.approx(dict(told.metrics))
    assert found.data.metrics["B-A.accuracy"] == 0
    assert found.data.params == dict(told.parameters)
    names = {file.path for file in client.list_artifacts(found.info.run_id)}
    assert names == {"report.html", *(file.name for file in told.files)}


def test_sqlite_takes_runs_without_a_server(
    database: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where MLflow puts the files
    shutil.copyfile(database, "runs.db")
    with tracking.open_tracker("sqlite:///runs.db") as tracker:
        assert tracker.page is not None
        tracker.page.write_text("a page")
        told = tracker.log(run)
        tracker.page.unlink()
        again = tracker.log(run.with_name("latest"))
        assert again is not None
        assert not again.page
        client = tracking._client(tracking.address_of("sqlite:///runs.db"))
    assert not tracker.page.parent.exists()
    ids = {found.info.run_id for found in logged(client, "mine")}
    places = {f"sqlite:///runs.db, run {id_}": id_ for id_ in ids}
    assert told is not None
    assert (set(places), told.page) == ({told.place, again.place}, True)
    copy = client.download_artifacts(places[told.place], "report.html", str(tmp_path))
    assert Path(copy).read_text() == "a page"


def test_a_deleted_experiment_is_named(server: str, client: Any, run: Path) -> None:
    client.delete_experiment(client.create_experiment("mine-deleted"))
    moved = run.parent.parent / "mine-deleted" / run.name
    shutil.copytree(run, moved)
    with tracking.open_tracker(server) as tracker, pytest.raises(TrackingError) as refused:
        tracker.log(moved)
    assert str(refused.value) == (
        f"{server}: the run was not logged (the experiment mine-deleted was deleted there; restore"
        f" it); it is complete in {moved}"
    )


class Failing(http.server.BaseHTTPRequestHandler):
    """Says that there are no experiments, and fails at everything else."""

    asked: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.asked.add(self.headers["Authorization"])
        here = self.path.endswith("experiments/search")
        self.send_response(200 if here else 400)
        self.end_headers()
        refused = {"error_code": "PERMISSION_DENIED", "message": f"no: {self.path}, geheim"}
        self.wfile.write(json.dumps({} if here else refused).encode())

    do_GET = do_POST  # noqa: N815

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def failing(installed: None) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Failing) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{served.server_port}"
        served.shutdown()


def test_a_server_that_fails_leaves_the_run_and_no_secret_is_written(
    failing: str, rendered: Any, tmp_path: Path
) -> None:
    done = rendered("--mlflow", f"http://me:geheim@{failing}")
    run = finished(tmp_path)
    assert Failing.asked == {f"Basic {base64.b64encode(b'me:geheim').decode()}"}
    assert (done.code, done.err.count("\n")) == (1, 1)
    problem = f"error: http://{failing}: the run was not logged ("
    assert done.err.startswith(problem)
    assert done.err.endswith(f"); it is complete in {run.relative_to(tmp_path)}\n")
    assert done.out.splitlines()[-1] == f"Digest {run_digest(run)}"
    assert "geheim" not in done.out + done.err
    for file in run.rglob("*"):
        assert not file.is_file() or b"geheim" not in file.read_bytes(), file


def test_a_run_that_fails_half_way_is_marked(
    server: str, client: Any, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(told: Any, page: Path) -> Any:
        found = complete(told, page)
        return type(found)(
            **{
                **{name: getattr(found, name) for name in found.__slots__},
                "experiment": "half",
                "files": (tmp_path / "none",),
            }
        )

    complete = tracking.contents
    monkeypatch.setattr(tracking, "contents", broken)
    refused = pytest.raises(TrackingError, match=r"No such file or directory")
    with tracking.open_tracker(server) as tracker, refused:
        tracker.log(run)
    (found,) = logged(client, "half")
    assert (found.info.status, found.data.params["model"]) == ("FAILED", "a model")


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("http://me:geheim@127.0.0.1:9", "Connection refused"),
        ("http://me:geheim@host.invalid", ""),
        ("sqlite:///text.db", "(sqlite3.DatabaseError) file is not a database"),
    ],
)
def test_an_address_that_nobody_answers_stops_before_the_work(
    uri: str, reason: str, installed: None, rendered: Any, tmp_path: Path
) -> None:
    (tmp_path / "text.db").write_text("This is not a database, but it is long enough. " * 9)
    done = rendered("--mlflow", uri)
    shown = uri.replace("me:geheim@", "")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: --mlflow {shown}: cannot be used ({reason}")
    assert done.err.count("\n") == 1
    assert "geheim" not in done.err
    assert not (tmp_path / "reports").exists()


def test_a_wrong_address_is_refused_before_the_work(rendered: Any, tmp_path: Path) -> None:
    done = rendered("--mlflow", "./mlruns")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --mlflow ./mlruns: MLflow 3 keeps no runs in plain files")
    assert not (tmp_path / "reports").exists()


def test_without_mlflow_the_extra_is_named(
    rendered: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    done = rendered("--mlflow", "http://localhost:5000")
    assert done.code == 1
    assert done.err == (
        "error: MLflow is needed for --mlflow (it is not installed):"
        " pip install 'reportgen[mlflow]'\n"
    )
    assert not (tmp_path / "reports").exists()


def test_mlflow_skinny_cannot_use_a_database(
    installed: None, rendered: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    done = rendered("--mlflow", "sqlite:///runs.db")
    assert done.code == 1
    assert done.err == (
        "error: --mlflow sqlite:///runs.db: mlflow-skinny cannot use a database; install MLflow"
        " whole (pip install 'reportgen[mlflow]'), or give the address of a tracking server"
        " (http://HOST:5000)\n"
    )
    assert not (tmp_path / "runs.db").exists()
