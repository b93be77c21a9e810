"""How a server is reached, and who asks."""
