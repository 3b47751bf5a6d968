"""Read reviewers' answers back, from PDFs and exports of the page, and sum them up."""
