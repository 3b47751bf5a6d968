"""Write a comparison of runs: its record, its numbers, its pages."""
