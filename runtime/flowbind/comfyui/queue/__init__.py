"""What a server has to do, and what it has done."""
