"""A real InvokeAI of the tests' own installation, as flowbind starts it: with a root of a test's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowbind import LocalServer
from throwaway import install
from throwaway.server import ENVIRONMENT

# Where it listens is the product's to say.
_SETTINGS = {name: value for name, value in ENVIRONMENT.items() if name not in ("INVOKEAI_HOST", "INVOKEAI_PORT")}


def real_invokeai(root: Path) -> LocalServer:
    """Return a server that is not started; skips where none is wanted."""
    if os.environ.get("FLOWBIND_NO_LIVE") == "1":
        pytest.skip("FLOWBIND_NO_LIVE=1: the tests on a real InvokeAI were not wanted")
    if os.environ.get("INVOKEAI_URL"):
        pytest.skip("the server of INVOKEAI_URL runs already")
    return LocalServer.invokeai(install().venv, root, environment=_SETTINGS)
