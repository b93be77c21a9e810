"""What is special to ComfyUI: the base of generated classes, the values of inputs and outputs, requests."""
