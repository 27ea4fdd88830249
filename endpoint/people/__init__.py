"""People and units as their administrator keeps them: changes, their history, files and other systems."""
