"""All rules by id: those about servers' documents (`flowbind.rules`), live servers, exports and generated files."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from flowbind import rules as document_rules
from flowbind.rules import Rule
from flowbind_generator import export_rules, server_rules


def rules_in(module: ModuleType) -> dict[str, type[Rule]]:
    """Return the rules that a module defines by id, in the order in which they are written down."""
    kinds = (kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Rule))
    return {kind.__name__: kind for kind in kinds if kind is not Rule}


@cache
def all_rules() -> dict[str, type[Rule]]:
    """Return all rules by id, sorted."""
    found = {**rules_in(document_rules), **rules_in(export_rules), **rules_in(server_rules)}
    return dict(sorted(found.items()))
