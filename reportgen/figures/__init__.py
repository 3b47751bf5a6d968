"""Draw heatmaps and charts: the only room that imports matplotlib and seaborn."""
