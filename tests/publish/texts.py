"""A table of texts in many scripts, with tokens as tokenizers of many kinds write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ARABIC = "كان الفيلم رائعا جدا ولكن النهاية كانت سيئة ولم أفهم لماذا film ."
HEBREW = "הסרט היה ארוך מדי , אבל השחקנים הצילו אותו ."
BLANKS = "Line one\n\n\tLine two   end "
TEXTS: dict[str, tuple[str, list[str], list[list[int] | None] | None]] = {
    "arabic": (ARABIC, ARABIC.split(), None),
    "hebrew": (HEBREW, HEBREW.split(), None),
    "japanese": ("この映画は。", ["この", "映画", "は", "。"], None),
    "hindi": ("नमस्ते दुनिया", ["नमस्ते", "[UNK]"], None),
    "bytes": ("I love 😀!", ["I", "Ġlove", "ĠðŁĺ", "Ģ", "!"], None),
    "blanks": (
        BLANKS,
        ["Line", " one", "\n", "\n", "\t", "Line", " two", "  ", " end", " "],
        [*([0, 4], [4, 8], [8, 9], [9, 10], [10, 11]),
         *([11, 15], [15, 19], [19, 21], [21, 25], [25, 26])],
    ),
    "special": (
        "The plot",
        ["[CLS]", "the", "plot", "[SEP]", "[PAD]"],
        [[0, 0], [0, 3], [4, 8], None, [8, 8]],
    ),
    "lower": (
        "The Plot is THIN, İstanbul café",
        ["the", "plot", "is", "thin", ",", "istanbul", "cafe"],
        None,
    ),
}  # fmt: skip


def write_texts(path: Path) -> Path:
    """Write the table as JSON Lines; weights rise from token to token."""
    info = {"classes": ["no", "yes"], "data": {"name": "texts", "split": "test"}}
    lines: list[dict[str, Any]] = [{"reportgen.run": info}]
    for id_, (text, tokens, spans) in TEXTS.items():
        total = len(tokens) * (len(tokens) + 1) / 2
        lines.append(
            {
                "id": id_,
                "text": text,
                "label": "no",
                "probabilities": [0.9, 0.1],
                "tokens": tokens,
                "attention": [(i + 1) / total for i in range(len(tokens))],
                "spans": spans,
            }
        )
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    return path
