"""Tiny transformers with random weights and their tokenizers, made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BartConfig,
    BartForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2ForSequenceClassification,
    LlamaConfig,
    LlamaForSequenceClassification,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
    T5Config,
    T5ForSequenceClassification,
    XLNetConfig,
    XLNetForSequenceClassification,
)

CLASSES = ("negative", "positive", "mixed")
TEXTS = [
    "The room was lovely and the staff friendly, a splendid stay.",
    "Dull, slow and far too long; we left before the end.",
    "I can't say it was bad — the first half was unbelievably good, the second unwatchable.",
    "Broken on arrival. Returned it the same day!",
    "naïve café über straße",
    "A film about nothing, with nobody, going nowhere, for two and a half hours of my life.",
    "ok",
    "",
]
POSITIONS = 64


def labels(classes: Sequence[str] = CLASSES) -> dict[str, Any]:
    names = dict(enumerate(classes))
    return {"id2label": names, "label2id": {name: i for i, name in names.items()}}


def wordpiece() -> PreTrainedTokenizerFast:
    """A tokenizer as BERT's: lower-case word-pieces between [CLS] and [SEP]."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False)
    made.train_from_iterator(TEXTS, trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    made.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=POSITIONS,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def byte_level(special: bool) -> PreTrainedTokenizerFast:
    """A tokenizer as RoBERTa's (``special``) or GPT-2's: pairs of bytes, a space before a word."""
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] if special else ["<|endoftext|>", "<pad>"]
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=340,
        special_tokens=names,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(TEXTS, trainer)
    made.decoder = decoders.ByteLevel()
    if special:
        made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
        more = {"unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>", "bos_token": "<s>"}
        more |= {"mask_token": "<mask>", "eos_token": "</s>"}
    else:
        made.post_processor = processors.ByteLevel(trim_offsets=False)
        more = {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", **more)


def sentencepiece() -> PreTrainedTokenizerFast:
    """A tokenizer as Llama's: no words of its own, a mark for the space, one special token."""
    names = ["<unk>", "<s>", "</s>"]
    made = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    letters = sorted({letter for text in TEXTS for letter in text})
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=[*names, *(f"<0x{byte:02X}>" for byte in range(256))],
        initial_alphabet=letters,
        show_progress=False,
    )
    words = [f"▁{word}" for text in TEXTS for word in text.split()]
    made.train_from_iterator(words, trainer)
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )


SIZES = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 4}


def bert(seed: int = 0, **more: Any) -> tuple[Any, Any]:
    tokenizer = wordpiece()
    config = BertConfig(
        vocab_size=len(tokenizer), intermediate_size=24, max_position_embeddings=POSITIONS,
        **{**SIZES, **labels(), **more},
    )  # fmt: skip
    return _made(BertForSequenceClassification, config, seed), tokenizer


def roberta(seed: int = 0, **more: Any) -> tuple[Any, Any]:
    tokenizer = byte_level(True)
    config = RobertaConfig(
        vocab_size=len(tokenizer), intermediate_size=24, max_position_embeddings=POSITIONS + 2,
        pad_token_id=1, bos_token_id=0, eos_token_id=2, **{**SIZES, **labels(), **more},
    )  # fmt: skip
    return _made(RobertaForSequenceClassification, config, seed), tokenizer


def gpt2(seed: int = 0, **more: Any) -> tuple[Any, Any]:
    tokenizer = byte_level(False)
    config = GPT2Config(
        vocab_size=len(tokenizer), n_embd=16, n_layer=3, n_head=4, n_positions=POSITIONS,
        bos_token_id=0, eos_token_id=0, **{"pad_token_id": 1, **labels(), **more},
    )  # fmt: skip
    return _made(GPT2ForSequenceClassification, config, seed), tokenizer


def llama(seed: int = 0, **more: Any) -> tuple[Any, Any]:
    """A decoder whose config names no padding token."""
    tokenizer = sentencepiece()
    config = LlamaConfig(
        vocab_size=len(tokenizer), intermediate_size=24, num_key_value_heads=2,
        max_position_embeddings=POSITIONS, bos_token_id=1, eos_token_id=2,
        **{**SIZES, **labels(), **more},
    )  # fmt: skip
    return _made(LlamaForSequenceClassification, config, seed), tokenizer


def xlnet(seed: int = 0, **more: Any) -> tuple[Any, Any]:
    """A model that puts tokens before texts, and that reads padding at the end as the answer."""
    tokenizer = wordpiece()
    config = XLNetConfig(
        vocab_size=len(tokenizer), d_model=16, n_layer=2, n_head=4, d_inner=24, pad_token_id=0,
        **{**labels(), **more},
    )  # fmt: skip
    return _made(XLNetForSequenceClassification, config, seed), tokenizer


def bart(seed: int = 0, **more: Any) -> tuple[Any, Any]:
    """An encoder and a decoder, as fine-tuned BARTs are."""
    tokenizer = byte_level(True)
    config = BartConfig(
        vocab_size=len(tokenizer), d_model=16, encoder_layers=2, decoder_layers=3,
        encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=24,
        decoder_ffn_dim=24, max_position_embeddings=POSITIONS, pad_token_id=1, bos_token_id=0,
        eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=2, **{**labels(), **more},
    )  # fmt: skip
    return _made(BartForSequenceClassification, config, seed), tokenizer


def t5(seed: int = 0, **more: Any) -> tuple[Any, Any]:
    """An encoder and a decoder with relative positions, and one special token, at the end."""
    tokenizer = byte_level(True)
    tokenizer.model_max_length = POSITIONS
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B:1 </s>:1", special_tokens=[("</s>", 2)]
    )
    config = T5Config(
        vocab_size=len(tokenizer), d_model=16, d_kv=4, d_ff=24, num_layers=2, num_decoder_layers=3,
        num_heads=4, pad_token_id=1, eos_token_id=2, decoder_start_token_id=1,
        **{**labels(), **more},
    )  # fmt: skip
    return _made(T5ForSequenceClassification, config, seed, scale=1.5), tokenizer


MODELS = {
    "bert": bert, "roberta": roberta, "gpt2": gpt2, "llama": llama, "xlnet": xlnet, "bart": bart,
    "t5": t5,
}  # fmt: skip
CROSSED = ("bart", "t5")


def _made(kind: Any, config: Any, seed: int, scale: float = 12.0) -> Any:
    """A model whose weights are large enough to tell words apart."""
    torch.manual_seed(seed)
    config._attn_implementation = "eager"
    model = kind(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(scale)
    return model


def saved(kind: str, folder: Path, **more: Any) -> Path:
    """Write a model and its tokenizer as a fine-tuning leaves them."""
    model, tokenizer = MODELS[kind](**more)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
