"""The documentation names what there is: every code, every command, every error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowbind import errors
from flowbind_generator.cli import main
from flowbind_generator.diagnostics import CODES

ROOT = Path(__file__).resolve().parents[2]


def test_every_code_has_a_row() -> None:
    rows = re.findall(
        r"^\| (FB\d+) [^|]*\| ([^|]*) \|", (ROOT / "docs/diagnostics.md").read_text("utf-8"), re.MULTILINE
    )
    assert dict(rows) == CODES


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`flowbind {command}" in (ROOT / "README.md").read_text("utf-8")


def test_every_error_a_user_meets_is_described() -> None:
    text = (ROOT / "docs/python.md").read_text("utf-8")
    kinds = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.FlowbindError)]
    leaves = {e.__name__ for e in kinds if not e.__subclasses__()} - {"InterfaceError", "ConnectionBroken"}
    assert {name for name in leaves if f"`{name}`" not in text} == set()


PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]


def heading(text: str) -> str:
    """Return the anchor that a page's heading gets."""
    return re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(heading, headings), f"{path}#{anchor}"
