"""Weights and numbers in, pictures out. The only room that imports matplotlib and seaborn."""
