"""Batches in; probabilities, attention and checkpoints out. Torch stops here."""
