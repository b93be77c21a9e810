"""What is special to ComfyUI, against a stand-in for its server, and against a real one where COMFYUI_URL says so."""
