"""The server in memory answers as it should: otherwise what is changed on the way would prove nothing."""
