"""Telling all that a program can get hold of, with every log at its loudest."""

from __future__ import annotations

import copy
import logging
import pickle
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from flowbind.errors import FlowbindError


def log_everything() -> None:
    """Have all logs written."""
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    for name in ("httpx", "httpcore", "websockets", "asyncio", "flowbind"):
        logging.getLogger(name).setLevel(logging.DEBUG)


def tell(found: Any, seen: int = 0) -> None:
    """Print and write a thing in all ways."""
    # What httpx holds, it needs for its requests; what the server answers, one may ask for.
    is_ours = type(found).__module__.startswith("flowbind") and not isinstance(found, BaseModel)
    own = getattr(found, "__dict__", {}) if is_ours else {}
    print(str(found), repr(found), own, sep="\n")
    for way in (pickle.dumps, copy.copy, copy.deepcopy) if seen == 0 and not isinstance(found, BaseModel) else ():
        try:
            made: Any = way(found)
        except Exception as error:
            print(error)
        else:
            with Path("kept.bin").open("ab") as file:
                file.write(made if isinstance(made, bytes) else repr(made).encode())
    if isinstance(found, BaseException):
        print(*traceback.format_exception(found))
        for inner in (found.__cause__, found.__context__):
            if inner is not None and seen < 9:
                tell(inner, seen + 1)
    elif seen < 3:
        for inner in own.values():
            tell(inner, seen + 1)


def told(ask: Callable[[], Any]) -> None:
    """Do something, and tell what came of it."""
    try:
        tell(ask())
    except (FlowbindError, ValueError) as error:
        tell(error)
