"""The commands of `flowbind`, one module each: flags in, text out; the work is done elsewhere."""
