"""Tests of one topic each; `exports` builds the workflows that they read."""
