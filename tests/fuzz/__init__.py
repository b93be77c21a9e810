"""What strangers may send: any text, any file, any answer."""
