"""What both families of servers have in common, tried on each: the tests here know of none."""
