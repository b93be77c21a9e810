"""What httpcore logs of requests, without what is secret in it."""

from __future__ import annotations

import logging
import re


def hide_secrets() -> None:
    """Have tokens left out of the logs; once is enough."""
    # A filter that a logger has is not added again.
    logging.getLogger("httpcore.http11").addFilter(_without_tokens)


class _WithoutTokens(logging.Filter):
    """Takes the values of headers with tokens out of the answers' headers, which httpcore logs."""

    _HEADER = re.compile(r"""(\(b'(?:x-refreshed-token|set-cookie)', b)('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.I)

    def filter(self, record: logging.LogRecord) -> bool:
        """Take them out of a record, which is logged in any case."""
        record.msg = self._HEADER.sub(r"\1'<secret>'", str(record.msg))
        return True


_without_tokens = _WithoutTokens()
