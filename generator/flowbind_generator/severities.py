"""How grave findings are in this project: `[tool.flowbind.rules]`, by rule and by workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from flowbind.findings import Finding
from flowbind.rules import Severity
from flowbind_generator.diagnostics import Report
from flowbind_generator.rules import all_rules

TABLE = "rules"
Setting = Severity | Literal["off"]
Settings = Mapping[str, Mapping[str, Setting]]
"""Rule -> severity, by the workflows that it holds for; "" stands for all."""
_SETTINGS = (*get_args(Severity), "off")


def read_settings(table: Any, report: Report) -> Settings:
    """Return the settings in the table of rules; the report says what is wrong with them."""
    if not isinstance(table, Mapping):
        report.error("FB504", f"[tool.flowbind] {TABLE} is no table.", 'Write it as RULE = "warning".')
        return {}
    by_workflow = {pattern: rules for pattern, rules in table.items() if isinstance(rules, Mapping)}
    everywhere = {rule: severity for rule, severity in table.items() if rule not in by_workflow}
    return {pattern: _checked(rules, report) for pattern, rules in {"": everywhere, **by_workflow}.items()}


def with_severities(findings: Iterable[Finding], settings: Settings) -> list[Finding]:
    """Return findings as grave as the project has them, without those that it does not want to hear of."""
    graded = ((found, _setting(found, settings)) for found in findings)
    return [replace(found, severity=setting) for found, setting in graded if setting != "off"]


def _setting(found: Finding, settings: Settings) -> Setting:
    """Return how grave a finding is: the last pattern that fits its workflow decides."""
    chosen: Setting = found.severity
    for pattern, rules in settings.items():
        if not pattern or fnmatchcase(found.source, pattern):
            chosen = rules.get(found.rule, chosen)
    return chosen


def _checked(rules: Mapping[str, Any], report: Report) -> dict[str, Setting]:
    for rule, severity in rules.items():
        if rule not in all_rules():
            from difflib import get_close_matches

            near = get_close_matches(rule.upper(), all_rules(), n=3)
            hint = f"Did you mean {' or '.join(near)}?" if near else "`flowbind explain` lists all rules."
            report.error("FB504", f"[tool.flowbind.{TABLE}] names {rule!r}, which is no rule.", hint)
        elif severity not in _SETTINGS:
            known = ", ".join(f'"{name}"' for name in _SETTINGS)
            report.error("FB504", f"[tool.flowbind.{TABLE}] {rule} is {severity!r}.", f"Choose one of {known}.")
    return {rule: severity for rule, severity in rules.items() if rule in all_rules() and severity in _SETTINGS}
