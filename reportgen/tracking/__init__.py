"""Experiment trackers: what they are told of a finished run; MLflow."""
