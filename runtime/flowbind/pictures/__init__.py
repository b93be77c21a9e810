"""What one does with pictures on this machine: check, fit, compare, lay out; needs the extra `images`."""
