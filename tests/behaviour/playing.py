"""Releases that tests play: a server driven by a release's own document, and the client that asks it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fidelity.documents import needs_documents

from .spec_document import PRUNED

Case = tuple[str, str]
"""The name of a document and the kind of client."""


def cases(*releases: str) -> list[Any]:
    """Return the release that is always there with both clients, and others with one."""
    # Between the clients no release makes a difference: one of them is enough for the async one.
    always: list[Any] = [(PRUNED, "sync"), (PRUNED, "async")]
    return always + [pytest.param((name, "sync"), marks=needs_documents) for name in releases]


def name_of(case: Case) -> str:
    """Return what a test is called."""
    return f"InvokeAI {case[0]}-{case[1]}"
