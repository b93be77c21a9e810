"""Build time: an exported workflow and a server's schema in, a typed Python module out."""

__version__ = "0.1.0"
