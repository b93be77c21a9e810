"""What is special to ComfyUI: generated classes and their requests; a stand-in for its server, or a real one at COMFYUI_URL."""
