"""What is installed on demand: an import that fails says which extra of flowbind's is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def extra_needed(wanted_by: str, extra: str) -> Iterator[None]:
    """Say which extra is missing, where what is imported inside is."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{wanted_by} needs its extra: pip install 'flowbind[{extra}]'", name=error.name
        ) from None
