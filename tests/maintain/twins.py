"""Writes each family's `blocking`, what the sync client gives, from its `awaited`, the async twin.

The two differ in nothing but `await`, so one is written by hand and the other made of it, word by word:

    python tests/maintain/twins.py            rewrite the modules
    python tests/maintain/twins.py --check    exit 1 and name the modules that are not fresh
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AWAITED = sorted(ROOT.glob("runtime/flowbind/*/awaited"))
HEADER = "# Made from ../awaited/{name}. Do not edit: run `make twins`.\n"

# In this order: the second column is what the sync client's users read.
WORDS = (
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bawaited\b", "blocking"),
    (r"\bflowbind\.(\w+)\.aio\b", r"flowbind.\1.client"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(enter|exit|iter|next)__\b", r"__\1__"),
    (r"\basync\b", "sync"),
)


def blocking(name: str, text: str) -> str:
    """The sync twin of a module."""
    for pattern, replacement in WORDS:
        text = re.sub(pattern, replacement, text)
    return _formatted(HEADER.format(name=name) + text)


def _formatted(text: str) -> str:
    """Ruff's own form: without `await` lines get shorter, and imports stand in another order."""
    module = str(AWAITED[0].with_name("blocking") / "module.py")
    for command in (("check", "--fix", "--quiet", "--select", "I", "-"), ("format", "-")):
        words = [sys.executable, "-m", "ruff", *command, "--stdin-filename", module]
        text = subprocess.run(words, input=text, capture_output=True, check=True, cwd=ROOT, encoding="utf-8").stdout
    return text


def fresh() -> dict[Path, str]:
    """The modules as they should be."""
    return {
        folder.with_name("blocking") / module.name: blocking(module.name, module.read_text(encoding="utf-8"))
        for folder in AWAITED
        for module in sorted(folder.glob("*.py"))
    }


def main() -> int:
    """The maintainer's command."""
    parser = argparse.ArgumentParser(description="Rewrite what the sync client gives.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a module is not fresh")
    check: bool = parser.parse_args().check
    wanted = fresh()
    there = {path: path.read_text(encoding="utf-8") for path in ROOT.glob("runtime/flowbind/*/blocking/*.py")}
    stale = sorted(path for path in wanted.keys() | there.keys() if wanted.get(path) != there.get(path))
    for path in stale:
        print(path.relative_to(ROOT).as_posix(), "is stale" if check else "rewritten")
        if check:
            continue
        path.parent.mkdir(exist_ok=True)
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
