"""A user's package with types of its own for objects of the made-up pack."""
