"""A small table, the run made of it, and a real MLflow server on this machine."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib.util import find_spec
from pathlib import Path

import pytest

from reportgen import pipeline
from reportgen.options import ReportOptions

CLASSES = ("good / bad", "bad%", "bad#")  # the last two are one name to a tracker
STARTS_IN = 180  # seconds at most; a busy machine takes one


def write_table(file: Path) -> Path:
    rows = [
        {
            "id": str(i), "text": f"word {i} and more", "label": CLASSES[i % 3],
            "probabilities": [[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.6, 0.1, 0.3]][i % 3],
            "tokens": ["word", str(i), "and", "more"], "attention": [0.4, 0.3, 0.2, 0.1],
        }
        for i in range(40)
    ]  # fmt: skip
    options = {"learning_rate": 0.003, "seed": 3, "sizes": [3, 4], "none": None}
    run = {
        "classes": CLASSES,
        "data": {"name": "mine", "split": "test", "sha256": "ab" * 32},
        "model": {
            "name": "a model", "tokenizer": "words", "parameters": 1234,
            "training": {"options": options},
        },
        "seed": 7,
    }  # fmt: skip
    lines = [json.dumps(line) for line in ({"reportgen.run": run}, *rows)]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("table") / "mine.jsonl")


@pytest.fixture(scope="session")
def run(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without a one-file report; it is made once and never changed."""
    reports = tmp_path_factory.mktemp("reports")
    return pipeline.render(
        table,
        ReportOptions(pdf_examples=1),
        pipeline.Workspace(reports),
        pipeline.Execution(),
    ).folder


@pytest.fixture(scope="session")
def installed() -> None:
    """MLflow; missing, it is a failure where it is required."""
    if find_spec("mlflow") is None:
        message = "MLflow has an environment of its own, .venv-mlflow"
        if os.environ.get("REPORTGEN_REQUIRE_MLFLOW") == "1":
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="session")
def database(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that MLflow has made and that holds no run; nothing was printed meanwhile."""
    from reportgen.tracking.mlflow import open_tracker

    file, printed = tmp_path_factory.mktemp("database") / "mlflow.db", io.StringIO()
    with redirect_stderr(printed), redirect_stdout(printed), open_tracker(f"sqlite:///{file}"):
        assert file.is_file()
    assert printed.getvalue() == ""
    return file


@pytest.fixture(scope="session")
def server(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server that keeps its runs in SQLite."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copyfile(database, folder / "mlflow.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    words = [
        "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", f"{folder}/files",
    ]  # fmt: skip
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *words],
            env={**os.environ, **quiet},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_for(address, process, folder / "log")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its own session: itself and its workers
        process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_IN
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text()}")
