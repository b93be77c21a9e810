"""What a server has to do."""
