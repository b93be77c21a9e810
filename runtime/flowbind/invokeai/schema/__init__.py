"""What the server's OpenAPI document says of nodes and their types."""
