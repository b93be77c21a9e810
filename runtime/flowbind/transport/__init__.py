"""What happens between a client and its server, whichever family it is: requests, files, connections."""
