"""Text that must not be told: passwords, tokens, logins of proxies."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """Text that repr and str do not show, and that is neither copied nor pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the request that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: make the client anew where it is needed")
