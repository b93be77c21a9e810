"""Tests of what is special to ComfyUI, with workflows and node classes made up here."""
