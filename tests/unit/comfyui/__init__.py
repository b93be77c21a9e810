"""Tests of one topic each of what is special to ComfyUI; `exports` builds the workflows that they read."""
