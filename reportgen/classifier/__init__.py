"""The model: training, checkpoints, prediction and explanation. Torch is used up to here."""
