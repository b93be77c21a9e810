"""Text from outside, as messages show it."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return text from outside with control and bidi characters escaped, fit for a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def one_line(text: object, limit: int = 400) -> str:
    """Return what a server says as one line of at most `limit` characters, without control and bidi characters."""
    # What is cut off is not looked at: a server may say megabytes.
    line = printable(" ".join(str(text)[: 8 * limit].split()))
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def tellable(url: str) -> str:
    """Return an address, or what was meant as one, without the login in it."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else url.rpartition("@")[2]
