"""Measure and order the examples of a run: pure functions of columns, without I/O."""
