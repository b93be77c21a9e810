"""Pictures, videos and boards: what a server keeps."""
