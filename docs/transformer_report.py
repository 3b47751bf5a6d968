"""Make a tiny transformer, train it on a few reviews, and make the reports of it."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

import reportgen as rg

REVIEWS = {
    "A great film with great acting.": "positive",
    "Truly a joy, and so well told!": "positive",
    "Great songs and a warm story.": "positive",
    "Not dull at all, but a joy.": "positive",
    "An awful film with awful jokes.": "negative",
    "Dull, and so badly told.": "negative",
    "A dull story and wooden acting.": "negative",
    "Not great at all, but awful.": "negative",
}
CLASSES = ["negative", "positive"]
texts, labels = list(REVIEWS), list(REVIEWS.values())

# In place of AutoTokenizer.from_pretrained: word-pieces learned from the reviews, as BERT's.
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))
pieces.normalizer = normalizers.BertNormalizer(lowercase=True)
pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
trainer = trainers.WordPieceTrainer(vocab_size=90, special_tokens=SPECIAL, show_progress=False)
pieces.train_from_iterator(texts, trainer)
pieces.post_processor = processors.TemplateProcessing(
    single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
)
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=pieces,
    model_max_length=64,
    **dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), SPECIAL, strict=True)),
)

# In place of AutoModelForSequenceClassification.from_pretrained: two layers, trained in a second.
torch.manual_seed(0)
model = BertForSequenceClassification(
    BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        id2label=dict(enumerate(CLASSES)),
        label2id={name: i for i, name in enumerate(CLASSES)},
    )
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
inputs = tokenizer(texts, return_tensors="pt", padding=True)
for _ in range(40):
    optimizer.zero_grad()
    model(**inputs, labels=torch.tensor([CLASSES.index(name) for name in labels])).loss.backward()
    optimizer.step()

# The report of the model as it is in memory, its words weighted by integrated gradients.
predictions = rg.from_transformers(model, tokenizer, texts, labels, weights="gradients")
print(rg.render(predictions, experiment="in-memory").headline)

# The report of a model folder and a CSV; `reportgen run --model hf:my_model --data my_reviews`.
model.save_pretrained("my_model")
tokenizer.save_pretrained("my_model")
Path("my_reviews").mkdir()
rows = [f'"{text}",{label}\n' for text, label in REVIEWS.items()]
Path("my_reviews", "test.csv").write_text("".join(["text,label\n", *rows]), encoding="utf-8")
report = rg.render(rg.predict("my_reviews", model="hf:my_model"), experiment="my_reviews")
print(report.headline)
print(report.html)
