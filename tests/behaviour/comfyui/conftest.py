"""The servers of these tests."""

from .servers import comfyui_server

__all__ = ["comfyui_server"]
