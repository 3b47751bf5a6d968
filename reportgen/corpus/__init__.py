"""Files in; examples, vocab and batches out. The only room that imports torchtext."""
