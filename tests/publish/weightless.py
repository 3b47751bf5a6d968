"""Tables of texts without weights: with the tokens of each, and without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXTS = (
    "Plain awful <b>food</b> & a slow waiter",
    "not bad, worth it",
    "",
    "so good " * 200,
    "سيء جدا",
)
COUNT = 40


def rows(tokens: bool) -> list[dict[str, Any]]:
    made = []
    for i in range(COUNT):
        text = TEXTS[i % len(TEXTS)]
        p = 0.02 + 0.024 * i
        made.append(
            {
                "id": f"e{i:02}",
                "text": text,
                "label": ("no", "yes")[i % 2],
                "probabilities": [p, 1 - p],
                "extra.topic": f"t{i % 2}",
            }
        )
        if tokens:
            words = text.split()
            made[-1] |= {"tokens": words, "unknown": [word == "awful" for word in words]}
    return made


def write(path: Path, tokens: bool) -> Path:
    run = {"classes": ["no", "yes"], "data": {"name": "plain", "split": "test"}}
    lines = [{"reportgen.run": run}, *rows(tokens)]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path
