"""Compare the sample's checkpoint with a bag of words on the same reviews.

The bag of words is scikit-learn's, with logistic regression; it is chosen among 36 by its loss on
split ``valid`` and trained on split ``train``. Split ``test`` is read once, at the end, and only
with ``--test``.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline, make_pipeline

from reportgen.analysis.metrics import wilson_interval
from reportgen.classifier.checkpoint import load_checkpoint
from reportgen.classifier.inference import predict
from reportgen.corpus.dataset import Dataset
from reportgen.pipeline import SAMPLE_CHECKPOINT, SAMPLE_DATA

WORD = r"(?u)\b\w+\b"  # words of one letter too
REGULARIZATIONS = (0.1, 0.3, 1, 3, 10, 30)


def bags() -> dict[str, Pipeline]:
    """Return each bag of words to choose among, by what it is."""
    made = {}
    for counts, longest, c in product(("count", "binary", "tf-idf"), (1, 2), REGULARIZATIONS):
        words = {"ngram_range": (1, longest), "token_pattern": WORD}
        vectorizer = (
            TfidfVectorizer(sublinear_tf=True, **words)
            if counts == "tf-idf"
            else CountVectorizer(binary=counts == "binary", **words)
        )
        name = f"{counts}, {'words' if longest == 1 else 'words and pairs of words'}, C = {c}"
        made[name] = make_pipeline(vectorizer, LogisticRegression(C=c, max_iter=5000))
    return made


def main() -> None:
    dataset = Dataset.open(SAMPLE_DATA)

    def read(split: str) -> tuple[list[str], list[str]]:
        examples = dataset.read(split).examples
        return [example.text for example in examples], [example.label for example in examples]

    def show(name: str, hits: list[bool]) -> None:
        low, high = wilson_interval(sum(hits), len(hits))
        print(f"  {name}: {100 * np.mean(hits):.1f} % ({100 * low:.1f} to {100 * high:.1f})")

    texts, labels = read("valid")
    fitted = {name: bag.fit(*read("train")) for name, bag in bags().items()}
    losses = {name: log_loss(labels, bag.predict_proba(texts)) for name, bag in fitted.items()}
    chosen = min(losses, key=losses.__getitem__)
    checkpoint = load_checkpoint(SAMPLE_CHECKPOINT)
    for split in ["valid", "test"][: 1 + ("--test" in sys.argv[1:])]:
        texts, labels = read(split)
        print(f"accuracy on the {len(labels)} reviews of split {split} (95 % interval by Wilson)")
        show(f"bag of words ({chosen})", list(fitted[chosen].predict(texts) == np.array(labels)))
        made = predict(checkpoint, dataset.read(split).examples)
        hits = [checkpoint.classes[int(p.probabilities.argmax())] == p.label for p in made]
        show("the checkpoint", hits)


if __name__ == "__main__":
    main()
