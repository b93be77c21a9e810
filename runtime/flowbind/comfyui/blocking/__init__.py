# Made from ../awaited/__init__.py. Do not edit: run `make twins`.
"""What an sync client gives: its handles of files, models, the queue and the history of a server."""
