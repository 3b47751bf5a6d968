"""The PDF: its documents, volumes and heatmap cells. WeasyPrint ends here."""
