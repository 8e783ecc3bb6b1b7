"""The jobs, side by side; each is one folder and one line in a table."""
