"""Each stage against what a user would pick instead, both in one run, on real reviews.

``python benchmarks/peers.py CHECKPOINT PREDICTIONS [NAME …]`` writes ``benchmarks/results.md``;
NAMEs (heatmaps, pdf, prediction, training, workers) choose what is measured. CHECKPOINT and
PREDICTIONS are made from the Large Movie Review Dataset as benchmarks/imdb.md says; the table must
have at least 2,000 rows. Single-thread figures are taken with one thread.
"""

from __future__ import annotations

import io
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from reportgen.predictions import open_predictions, write_predictions
from reportgen.publish.archive import versions
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo

RESULTS = Path(__file__).with_name("results.md")
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-pdf-header-footer",
)  # fmt: skip


def median(run: Callable[[], object], runs: int = 3, warm: bool = True) -> float:
    """Return the median of the seconds that so many runs take, after one to warm up."""
    taken = []
    for i in range(runs + warm):
        start = time.perf_counter()
        run()
        if i >= warm:
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def some(table: Path, count: int, longest: int = 10**9) -> list[Prediction]:
    """Return a seeded sample of the table's rows of at most so many tokens."""
    with open_predictions(table) as predictions, tempfile.TemporaryDirectory() as folder:
        fit = np.flatnonzero((predictions.lengths > 0) & (predictions.lengths <= longest))
        chosen = np.random.default_rng(1).choice(fit, count, replace=False).tolist()
        return list(predictions.rows(chosen, Path(folder, "rows")).take(chosen))


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


def pdf(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare vector cells with pictures, printed by WeasyPrint and by Chromium."""
    rows = some(table, 400, longest=420)  # as long as fits a page: pictures cannot break
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_pictures(folder, rows)
        took, size = {}, {}
        for way in ("cells", "cells, tagged", "pictures", "chromium"):
            target = folder / f"{way}.pdf"

            def run(way: str = way, target: Path = target) -> None:
                if way == "chromium":
                    profile = tempfile.mkdtemp(dir=folder)
                    page = (folder / "pictures.html").as_uri()
                    browser = shutil.which("chromium") or "chromium"
                    words = [browser, *CHROMIUM, f"--user-data-dir={profile}"]
                    words += [f"--print-to-pdf={target}", page]
                else:
                    words = [sys.executable, __file__, "--print", way, name]
                subprocess.run(words, check=True, capture_output=True)

            took[way] = median(run)
            size[way] = target.stat().st_size / len(rows) / 1e3
    ours = took["cells"]
    yield "## PDF\n"
    yield (
        f"{len(rows)} cards of at most 420 tokens (longer pictures do not fit a page), the same"
        " cards each time, one process each from its start to its end.\n"
    )
    yield "| way | s | slower than ours | KB a card | larger than ours |\n|---|---|---|---|---|"
    names = {
        "cells": "WeasyPrint, vector cells with text (ours)",
        "cells, tagged": "the same, tagged (PDF/UA-1)",
        "pictures": "WeasyPrint, RGB PNGs",
        "chromium": "Chromium, the same page with PNGs",
    }
    for way, what in names.items():
        ratio, more = took[way] / ours, size[way] / size["cells"]
        yield f"| {what} | {took[way]:.1f} | {ratio:.1f} | {size[way]:.1f} | {more:.1f} |"
    yield ""


def _page(rows: list[Prediction], bands: Callable[[int, Prediction], tuple[str, ...]]) -> str:
    from reportgen.publish.gallery import CardMaker
    from reportgen.publish.html import _ENVIRONMENT

    maker = CardMaker(("neg", "pos"))
    made = [maker.card(row, bands(i, row)) for i, row in enumerate(rows)]
    page = _ENVIRONMENT.from_string(
        '{% from "partials/card.j2" import printed %}<!doctype html><html lang="en">'
        '<meta charset="utf-8"><title>Cards</title><link rel="stylesheet" href="assets/report.css">'
        '<link rel="stylesheet" href="assets/print.css"><h1>Cards</h1><h2>All</h2>'
        "{% for card in cards %}{{ printed(card) }}{% endfor %}</html>"
    )
    return page.render(cards=made)


def _write_pictures(folder: Path, rows: list[Prediction]) -> None:
    from PIL import Image

    from reportgen.figures.fast_heatmap import draw_fast
    from reportgen.publish.html import TEMPLATES

    shutil.copytree(TEMPLATES / "fonts", folder / "assets" / "fonts")
    for style in ("report.css", "print.css"):
        shutil.copyfile(TEMPLATES / style, folder / "assets" / style)
    for i, row in enumerate(rows):
        png = draw_fast(row.tokens, row.attention, row.unknown).png
        Image.open(io.BytesIO(png)).convert("RGB").save(folder / f"{i}.png")
    info = RunInfo(
        ("neg", "pos"), DataInfo("cards", "test", len(rows), len(rows)), ModelInfo("none")
    )
    write_predictions(folder / "cards.parquet", info, rows)
    (folder / "pictures.html").write_text(_page(rows, lambda i, _: (f"{i}.png",)))


def _print(way: str, folder: Path) -> None:
    import weasyprint

    from reportgen.figures.layout import Band, grid
    from reportgen.publish.pdf_cells import CellsImage, Shaper
    from reportgen.publish.volumes import BAND_ROWS

    variant = "pdf/ua-1" if way == "cells, tagged" else None
    base = f"{folder.as_uri()}/"
    if way == "pictures":
        page, cache = (folder / "pictures.html").read_text(), {}
    else:
        with open_predictions(folder / "cards.parquet") as table:
            rows = list(table)
        shaper, cache = Shaper(), {}

        def bands(i: int, row: Prediction) -> tuple[str, ...]:
            cells = grid(row.tokens, row.attention, row.unknown)
            names = []
            for start in range(0, cells.rows, BAND_ROWS):
                band = Band(cells, start, min(start + BAND_ROWS, cells.rows))
                names.append(f"{base}{i}-{start}")
                cache[names[-1]] = CellsImage(band, shaper)
            return tuple(names)

        page = _page(rows, bands)
    document = weasyprint.HTML(string=page, base_url=base)
    document.write_pdf(folder / f"{way}.pdf", cache=cache, pdf_variant=variant)


def prediction(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare length-sorted packed batches with the article's loop, at the article's size."""
    import torch
    from torch import nn

    from reportgen.classifier.checkpoint import load_checkpoint
    from reportgen.classifier.inference import predict
    from reportgen.classifier.model import AttentionClassifier, ModelConfig
    from reportgen.records import Example

    torch.set_num_threads(1)
    torch.manual_seed(1)
    loaded = load_checkpoint(checkpoint, None, "cpu")
    words = len(loaded.fields.words)
    model = AttentionClassifier(ModelConfig(words, 2, 300, 512, 3, 0.4)).eval()
    article = replace(loaded, model=model)
    examples = [Example(r.id, r.text, r.label) for r in some(table, 256)]
    made: list[Prediction] = []

    def ours() -> None:
        made[:] = predict(article, examples, batch_size=64)

    from reportgen.corpus.dataset import tokenized

    rows = article.fields.rows([tokenized(e, article.tokenizer) for e in examples])

    def loop() -> None:
        order = np.random.default_rng(1).permutation(len(rows))
        with torch.inference_mode():
            for at in range(0, len(rows), 32):
                group = [torch.tensor(_indices(article, rows[i])) for i in order[at : at + 32]]
                padded = nn.utils.rnn.pad_sequence(group, batch_first=True, padding_value=1)
                keys, hidden = nn.GRU.forward(model.gru, model.embedding(padded))
                query = torch.cat((hidden[-2], hidden[-1]), dim=1)
                everything = torch.ones(padded.shape, dtype=torch.bool)
                attended, _ = model.attention(query, keys, everything)
                torch.softmax(model.linear(attended), dim=1)

    def products() -> None:
        gru = model.gru
        with torch.inference_mode():
            for batch in article.fields.batches(rows, 64):
                counts = (batch.lengths[None] > torch.arange(int(batch.lengths[0]))[:, None]).sum(1)
                for layer in range(3):
                    inside = getattr(gru, f"weight_ih_l{layer}")
                    across = getattr(gru, f"weight_hh_l{layer}").T
                    inputs = torch.randn(int(batch.lengths.sum()), inside.shape[1])
                    state = torch.randn(len(batch), 512)
                    for _ in range(2):
                        inputs @ inside.T
                        for count in counts.tolist():
                            state[:count] @ across

    took = {"ours": median(ours, 1), "loop": median(loop, 1), "products": median(products, 1)}
    alone = [next(iter(predict(article, [e], batch_size=1))) for e in examples]
    off = max(
        float(np.abs(a.probabilities - b.probabilities).max())
        for a, b in zip(made, alone, strict=True)
    )
    tokens = sum(len(p.tokens) for p in made)
    yield "## Prediction\n"
    yield (
        f"3 layers, 512 units, 300 numbers a word; {len(examples)} reviews, {tokens:,} tokens; one"
        " thread, one run each after a warm-up.\n"
    )
    yield "| way | s | slower than ours |\n|---|---|---|"
    yield f"| length-sorted packed batches (ours), tokenizing included | {took['ours']:.1f} | 1 |"
    yield (
        "| the article's loop: random batches of 32, padded |"
        f" {took['loop']:.1f} | {took['loop'] / took['ours']:.1f} |"
    )
    yield (
        "| the matrix products alone |"
        f" {took['products']:.1f} | {took['products'] / took['ours']:.2f} |\n"
    )
    yield f"Largest difference to each review predicted alone: {off:.1e}.\n"


def _indices(checkpoint: object, row: object) -> list[int]:
    known = checkpoint.fields.text.vocab.stoi  # type: ignore[attr-defined]
    return [known[word] for word in row.text]  # type: ignore[attr-defined]


def training(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare an epoch with a plain loop over random padded batches through torch's own GRU."""
    import torch
    from torch import nn

    from reportgen.classifier import training as ours_module
    from reportgen.classifier.training import PRESETS, build_model, evaluate, prepare_fields
    from reportgen.corpus.dataset import tokenized
    from reportgen.corpus.tokenizers import get_tokenizer
    from reportgen.records import Example

    torch.set_num_threads(1)
    examples = [Example(r.id, r.text, r.label) for r in some(table, 2500)]
    tokenizer = get_tokenizer("basic_english")
    options = replace(PRESETS["default"], epochs=2, average=0.0, word_dropout=0.0)
    learn, fields = prepare_fields(examples[:1500], tokenizer, options)
    valid = [tokenized(e, tokenizer) for e in examples[1500:]]
    valid_rows = fields.rows(valid)

    def ours() -> tuple[float, float]:
        start = time.perf_counter()
        made = ours_module.train(learn, valid[:1], fields, tokenizer, options)
        seconds = (time.perf_counter() - start) / options.epochs
        return seconds, evaluate(made.model, fields, valid_rows, 64, "cpu")[1]

    def plain(packed: bool) -> tuple[float, float]:
        torch.manual_seed(options.seed)
        model = build_model(fields, options, None)
        optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
        rows = fields.rows(learn, ends=options.max_length)
        start = time.perf_counter()
        for epoch in range(options.epochs):
            order = np.random.default_rng(epoch).permutation(len(rows))
            model.train()
            for at in range(0, len(rows), options.batch_size):
                group = [rows[i] for i in order[at : at + options.batch_size]]
                group.sort(key=lambda row: -len(row.text))
                batch = fields._batch(group, "cpu")
                embedded = model.dropout(model.embedding(batch.words))
                if packed:
                    embedded = nn.utils.rnn.pack_padded_sequence(embedded, batch.lengths, True)
                keys, hidden = nn.GRU.forward(model.gru, embedded)
                if packed:
                    keys, _ = nn.utils.rnn.pad_packed_sequence(keys, True)
                query = torch.cat((hidden[-2], hidden[-1]), dim=1)
                mask = torch.arange(keys.shape[1]) < batch.lengths[:, None]
                attended, _ = model.attention(query, keys, mask)
                logits = model.linear(model.dropout(attended))
                loss = nn.functional.cross_entropy(logits, batch.labels)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), options.clip)
                optimizer.step()
        seconds = (time.perf_counter() - start) / options.epochs
        return seconds, evaluate(model, fields, valid_rows, 64, "cpu")[1]

    mine, accuracy = ours()
    peers = {"padded": plain(packed=False), "packed": plain(packed=True)}
    yield "## Training\n"
    yield (
        f"Default preset, {len(learn):,} reviews cut to {options.max_length} tokens,"
        f" {options.epochs} epochs without averaging and word dropout, one thread, one run.\n"
    )
    yield "| way | s an epoch | slower than ours | accuracy on 1,000 others |\n|---|---|---|---|"
    yield f"| ours | {mine:.1f} | 1 | {100 * accuracy:.1f} % |"
    for kind, (others, its) in peers.items():
        yield (
            f"| plain loop: random batches, {kind}, through `nn.GRU` | {others:.1f} |"
            f" {others / mine:.1f} | {100 * its:.1f} % |"
        )
    yield ""


def workers(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare one worker with two on 2,000 examples, all of them in the PDF."""
    from stages import Stopwatch

    from reportgen import pipeline
    from reportgen.publish.report import ReportOptions

    took: dict[int, dict[str, float]] = {}
    for count in (1, 2):
        watch = Stopwatch()
        with tempfile.TemporaryDirectory() as folder:
            pipeline.render(
                table, ReportOptions(gallery=2000, pdf_examples=None), reports=Path(folder),
                experiment="x", workers=count, progress=watch,
            )  # fmt: skip
        took[count] = watch.seconds
    yield "## Workers\n"
    yield (
        f"2,000 reviews, two PDF volumes, {os.cpu_count()} cores; seconds, the start of the pool"
        " included.\n"
    )
    yield "| stage | 1 worker | 2 workers | ratio |\n|---|---|---|---|"
    for stage in ("heatmaps", "pages", "PDF"):
        one, two = took[1][stage], took[2][stage]
        yield f"| {stage} | {one:.1f} | {two:.1f} | {one / two:.2f} |"
    one, two = (sum(took[n][s] for s in ("heatmaps", "pages", "PDF")) for n in (1, 2))
    yield f"| together | {one:.1f} | {two:.1f} | {one / two:.2f} |\n"


PARTS = (heatmaps, pdf, prediction, training, workers)


def main() -> None:
    """Measure and write the results; parts that are not measured keep what they say."""
    if sys.argv[1:2] == ["--print"]:
        _print(sys.argv[2], Path(sys.argv[3]))
        return
    checkpoint, table = Path(sys.argv[1]), Path(sys.argv[2])
    chosen = sys.argv[3:] or [part.__name__ for part in PARTS]
    known = _known()
    for part in PARTS:
        if part.__name__ in chosen:
            print(f"measuring {part.__name__}", flush=True)
            known[part.__name__] = "\n".join(part(table, checkpoint))
            _save(known)


def _known() -> dict[str, str]:
    if not RESULTS.exists():
        return {}
    parts = RESULTS.read_text().split("\n## ")[1:]
    return {text.split("\n")[0].lower(): f"## {text}" for text in parts}


def _save(known: dict[str, str]) -> None:
    made = ", ".join(f"{name} {version}" for name, version in versions().items())
    processor = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    head = (
        "# Results\n\nWritten by `peers.py`; medians of three runs after a warm-up where nothing"
        f" else is said.\n{platform.system()} {platform.machine()}, {processor}, {os.cpu_count()}"
        f" cores, Python {platform.python_version()}; {made}.\n"
    )
    order = [part.__name__ for part in PARTS]
    names = sorted(known, key=lambda n: order.index(n) if n in order else len(order))
    RESULTS.write_text("\n".join([head, *(known[name].rstrip() + "\n" for name in names)]))


if __name__ == "__main__":
    main()
