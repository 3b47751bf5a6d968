"""The data: files read into examples, vocab and batches. Only this room imports torchtext."""
