"""What httpx and httpcore log of requests, without what is secret in it."""

from __future__ import annotations

import logging
import re

_PRIVATE = re.compile(r"(/models/install\?)\S+")
"""The address of an install: what is installed, perhaps with a token in its own address, and the token for it."""


def hide_secrets() -> None:
    """Have tokens left out of the logs; once is enough."""
    # A filter that a logger has is not added again.
    logging.getLogger("httpcore.http11").addFilter(_without_tokens)
    logging.getLogger("httpx").addFilter(_without_queries)


class _WithoutTokens(logging.Filter):
    """Takes the values of headers with tokens out of the answers' headers, which httpcore logs."""

    _HEADER = re.compile(r"""(\(b'(?:x-refreshed-token|set-cookie)', b)('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.I)

    def filter(self, record: logging.LogRecord) -> bool:
        """Take them out of a record, which is logged in any case."""
        record.msg = self._HEADER.sub(r"\1'<secret>'", str(record.msg))
        return True


class _WithoutQueries(logging.Filter):
    """Takes what follows the path out of the addresses of installs, which httpx logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take it out of a record, which is logged in any case."""
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(value) for value in record.args)
        return True


def _without_query(value: object) -> object:
    text = str(value)
    return _PRIVATE.sub(r"\1<secret>", text) if _PRIVATE.search(text) else value


_without_tokens = _WithoutTokens()
_without_queries = _WithoutQueries()
