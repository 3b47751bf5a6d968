"""Train a small network, explain it with Captum's integrated gradients, and make the report."""

import torch
from captum.attr import LayerIntegratedGradients
from torch import nn

import reportgen as rg

CLASSES = ["negative", "positive"]
REVIEWS = {
    "a great film with great acting": 1,
    "truly a joy and so well told": 1,
    "great songs and a warm story": 1,
    "not dull at all but a joy": 1,
    "an awful film with awful jokes": 0,
    "dull and so badly told": 0,
    "a dull story and wooden acting": 0,
    "not great at all but awful": 0,
}
texts, labels = list(REVIEWS), torch.tensor(list(REVIEWS.values()))

# Index 0 is padding.
tokens = [text.split() for text in texts]
vocab = {word: i for i, word in enumerate(sorted({w for row in tokens for w in row}), 1)}
longest = max(map(len, tokens))
ids = torch.tensor([[vocab[w] for w in row] + [0] * (longest - len(row)) for row in tokens])


class BagOfWords(nn.Module):
    """The mean of the words' embeddings, then a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(vocab) + 1, 8, padding_idx=0)
        self.output = nn.Linear(8, len(CLASSES))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return class probabilities [N, K] of word indices [N, T]."""
        words = self.embedding(ids).sum(1) / (ids > 0).sum(1, keepdim=True).clamp(min=1)
        return self.output(words).softmax(-1)


torch.manual_seed(0)
model = BagOfWords()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for _ in range(100):
    optimizer.zero_grad()
    nn.functional.nll_loss(model(ids).log(), labels).backward()
    optimizer.step()

# Integrated gradients of the predicted class, summed over the embedding, without padding.
probabilities = model(ids)
explainer = LayerIntegratedGradients(model, model.embedding)
values = explainer.attribute(ids, torch.zeros_like(ids), target=probabilities.argmax(-1)).sum(-1)
values = [row[: len(words)] for row, words in zip(values, tokens, strict=True)]

predictions = rg.from_attributions(
    tokens, values, probabilities, labels, classes=CLASSES, texts=texts, name="integrated gradients"
)
report = rg.render(predictions, experiment="captum")
print(report.headline)
print(report.html)
