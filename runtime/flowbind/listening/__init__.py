"""Hearing from a server what happens to runs, whichever family it is."""
