"""What an async client gives: its handles of files, models, the queue and the history of a server."""
