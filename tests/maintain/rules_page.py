"""Writes the page of all rules, `docs/rules.md`, from their docstrings."""

from __future__ import annotations

from pathlib import Path

from flowbind_generator.explaining import rules_page

PAGE = Path(__file__).resolve().parents[2] / "docs/rules.md"

if __name__ == "__main__":
    PAGE.write_text(rules_page(), encoding="utf-8", newline="\n")
