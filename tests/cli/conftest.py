"""A small folder of data that trains in a second."""

from __future__ import annotations

from pathlib import Path

import pytest

GOOD = ["great film", "lovely book", "great food", "lovely stay", "great great", "lovely lovely"]
BAD = ["awful film", "dull book", "awful food", "dull stay", "awful awful", "dull dull"]
SMALL = (
    "--epochs", "2", "--hidden-size", "4", "--embedding-dim", "4", "--min-count", "1",
    "--batch-size", "4", "--valid-fraction", "0.2", "--device", "cpu",
)  # fmt: skip


def write_data(folder: Path) -> Path:
    """Write splits ``train`` (12 rows) and ``test`` (6 rows) into a new folder."""
    folder.mkdir()
    rows = [f"{text},good" for text in GOOD] + [f"{text},bad" for text in BAD]
    for split, chosen in (("train", rows), ("test", rows[::2])):
        (folder / f"{split}.csv").write_text("text,label\n" + "\n".join(chosen) + "\n")
    return folder


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of data; its parent is empty otherwise and is the current folder."""
    monkeypatch.chdir(tmp_path)
    return write_data(tmp_path / "mine")
