"""What an async client gives: its handles of pictures, boards, models and the rest of a server."""
