"""What several tests share: the real data, the browser, the command line."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real IMDb reviews and word vectors; it is not part of the project."""
    folder = Path(os.environ.get("REPORTGEN_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "imdb" / "test_200.jsonl.gz").is_file():
        pytest.skip(f"the real data are not in {folder} (set REPORTGEN_DATA)")
    return folder


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that asks reviewers; it is made once and never changed."""
    from tests.review.conftest import make_run  # here, for most tests need none

    return make_run(tmp_path_factory.mktemp("reviewed"))


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small matrices are slower on two threads, above all on a busy machine."""
    import torch  # here, for most tests need none

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; missing, it is a failure where the browser is required."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        message = "no Chromium found for the browser tests"
        if os.environ.get("REPORTGEN_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found


def checkpoint_of(train: Path, folder: Path, **recorded: object) -> Path:
    """Write the sample's checkpoint as if it had been trained on that file; return its folder."""
    shutil.copytree(SAMPLE / "checkpoint", folder)
    config = json.loads((folder / "config.json").read_text())
    used = {"sha256": hashlib.sha256(train.read_bytes()).hexdigest(), **recorded}
    config["training"]["data"] = used
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@dataclass(frozen=True)
class Invoked:
    code: int
    out: str
    err: str


@pytest.fixture
def invoke(capsys: pytest.CaptureFixture[str]) -> Callable[..., Invoked]:
    """Call the command line in this process, as a shell would: words in, code and text out."""

    def call(*words: str) -> Invoked:
        from reportgen import cli

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["reportgen", *words])
            with pytest.raises(SystemExit) as stopped:
                cli.main()
        captured = capsys.readouterr()
        code = stopped.value.code
        return Invoked(code if isinstance(code, int) else int(bool(code)), *captured)

    return call
