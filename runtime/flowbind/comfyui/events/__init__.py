"""What ComfyUI tells by itself while it works."""
