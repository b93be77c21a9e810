"""A node pack that nobody foresaw: what flowbind makes of the objects that its nodes take."""
