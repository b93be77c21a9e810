"""What the server tells by itself."""
