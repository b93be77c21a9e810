"""What is special to ComfyUI: reading its workflows, converting them to prompts, and the types of their inputs."""
