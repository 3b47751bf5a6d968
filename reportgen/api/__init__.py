"""The public functions and their results; the package's names lead here, one module a kind."""
