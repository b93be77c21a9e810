# Made from ../awaited/__init__.py. Do not edit: run `make twins`.
"""What an sync client gives: its handles of pictures, boards, models and the rest of a server."""
