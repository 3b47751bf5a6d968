"""Numbers and pictures in, pages, PDF and the archived run folder out."""
