"""The workflows that a server keeps."""
