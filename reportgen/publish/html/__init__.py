"""Pages of the gallery, one-file report and gallery data. Jinja2 ends here."""
