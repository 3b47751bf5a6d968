"""Write a report: pictures, pages, PDF and tables, in an archived run folder."""
