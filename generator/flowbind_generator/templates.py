"""Where the templates are, and the digest of them all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flowbind.digest import sha256


def templates_folder() -> Path:
    """Return the folder of the templates: inside the installed package, else at the top of the checkout."""
    package = Path(__file__).parent
    for folder in (package / "templates", package.parent.parent / "templates"):
        if (folder / "module.py.jinja").is_file():
            return folder
    raise FileNotFoundError("flowbind's templates are missing: install flowbind again")


@cache
def templates_digest() -> str:
    """Return the SHA-256 of all templates: another template is another output."""
    parts: list[bytes] = []
    for path in sorted(templates_folder().glob("*.jinja")):
        parts += [path.name.encode(), path.read_bytes().replace(b"\r\n", b"\n")]
    return sha256(b"".join(part + b"\0" for part in parts))
