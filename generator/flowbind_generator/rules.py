"""All rules by id: those about servers' documents (`flowbind.rules`), live servers, exports and generated files."""

from __future__ import annotations

from functools import cache

from flowbind import rules as document_rules
from flowbind.rules import Rule
from flowbind_generator import export_rules, server_rules


@cache
def all_rules() -> dict[str, type[Rule]]:
    """Return all rules by id, sorted."""
    found = [kind for module in (document_rules, export_rules, server_rules) for kind in vars(module).values()]
    rules = {kind.__name__: kind for kind in found if isinstance(kind, type) and issubclass(kind, Rule)}
    del rules[Rule.__name__]
    return dict(sorted(rules.items()))
