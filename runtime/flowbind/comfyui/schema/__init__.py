"""What a ComfyUI server says of its node classes."""
