"""Other models and programs to the predictions table: data frames, attributions."""
