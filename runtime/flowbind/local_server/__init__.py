"""Servers that this machine starts from an installation: started, recorded, watched, stopped."""
