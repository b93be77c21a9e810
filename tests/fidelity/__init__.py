"""Real files, and what the real editor makes of them. The data is not part of the project: see `shared`."""
