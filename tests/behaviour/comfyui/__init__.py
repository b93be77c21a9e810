"""ComfyUI: generated classes and their requests, and a stand-in for its server, or a real one at COMFYUI_URL."""
