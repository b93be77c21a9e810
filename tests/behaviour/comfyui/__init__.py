"""What generated ComfyUI classes import, and the requests of their instances, without a server."""
