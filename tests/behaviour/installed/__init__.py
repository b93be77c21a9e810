"""Servers that are started from installations: stand-ins that take the real arguments."""
