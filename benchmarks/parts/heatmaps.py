"""Heatmaps: the fast engine against seaborn's drawing and the article's code."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from parts import median, some


def heatmaps(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare the fast engine with sns.heatmap, and with the article's one row an inch a word."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    from reportgen.figures.fast_heatmap import draw_fast
    from reportgen.figures.heatmap import draw_heatmap

    rows = some(table, 200)
    sizes: list[int] = []

    def fast() -> None:
        sizes.clear()
        for row in rows:
            png = draw_fast(row.tokens, row.attention, row.unknown).png
            Path(folder, "x.png").write_bytes(png)
            sizes.append(len(png))

    def reference() -> None:
        for row in rows[:20]:
            png = draw_heatmap(row.tokens, row.attention, row.unknown).png
            Path(folder, "x.png").write_bytes(png)

    def article() -> None:
        for row in rows[:5]:
            figure, axes = plt.subplots(figsize=(len(row.tokens), 1))
            words = np.array([row.tokens])
            sns.heatmap(row.attention[None], annot=words, fmt="", cmap="Blues", ax=axes)
            figure.savefig(Path(folder, "x.png"))
            plt.close(figure)

    with tempfile.TemporaryDirectory() as folder:
        ours = median(fast) / len(rows)
        seaborn = median(reference) / 20
        plain = median(article, 1) / 5
    count = np.median([len(row.tokens) for row in rows])
    yield "## Heatmaps\n"
    yield (
        f"{len(rows)} reviews (median {count:.0f} tokens), one thread, writing the file included;"
        " sns.heatmap draws the same grid at the same size.\n"
    )
    yield "| way | ms a review | slower than ours |\n|---|---|---|"
    yield f"| fast engine | {1e3 * ours:.1f} | 1 |"
    yield f"| `sns.heatmap`, same grid (20 of them) | {1e3 * seaborn:.0f} | {seaborn / ours:.0f} |"
    yield f"| the article's code (5 of them) | {1e3 * plain:,.0f} | {plain / ours:.0f} |\n"
    yield (
        f"File size: mean {np.mean(sizes) / 1e3:.1f} KB, median {np.median(sizes) / 1e3:.1f} KB,"
        f" largest {max(sizes) / 1e3:.0f} KB.\n"
    )
