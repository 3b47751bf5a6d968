"""Columns in, numbers and orders out: pure functions, no I/O."""
