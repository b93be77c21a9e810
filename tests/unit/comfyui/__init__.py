"""Tests of what is special to ComfyUI."""
