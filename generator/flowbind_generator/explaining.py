"""What the rules mean, for the terminal, for programs and as a page; all of it from their docstrings."""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from types import ModuleType

from flowbind import rules as document_rules
from flowbind.rules import Severity
from flowbind_generator import export_rules, server_rules
from flowbind_generator.console import listed
from flowbind_generator.diagnostics import CODES, Refused, Report
from flowbind_generator.docs import wrapped
from flowbind_generator.rules import all_rules, rules_in

_CODES_PAGE = "docs/diagnostics.md"
_FILES = "Generated files"
_CHAPTERS: Sequence[tuple[str, ModuleType]] = (
    ("Workflows and a server's document", document_rules),
    ("Workflows and a live server", server_rules),
    ("New exports of a workflow", export_rules),
)

_PAGE_HEAD = """\
<!-- Written by `make docs` from the docstrings of the rules. Do not edit. -->

# Rules

What `flowbind check` finds between exports, generated files, documents and servers; `flowbind explain RULE` prints
the same. An error is a run that would fail or silently do something else, or code that no longer works; a warning is
what may become one; info is good to know. What is wrong with a file itself has a code, which stands in
[diagnostics.md](diagnostics.md).
"""


@dataclass(frozen=True)
class Explanation:
    """What a rule, or a code of a file's diagnostics, means; a code has no severities of its own."""

    rule: str
    severities: tuple[Severity, ...]
    summary: str
    text: str


def explanation(rule_id: str) -> Explanation:
    """Return what a rule or code means; raises `Refused` where there is none of that name, in any case."""
    rule_id = rule_id.upper()
    if rule := all_rules().get(rule_id):
        text = inspect.cleandoc(rule.__doc__ or "")
        return Explanation(rule_id, rule.severities, text.partition("\n")[0], text)
    if meaning := CODES.get(rule_id):
        summary = f"{meaning[0].upper()}{meaning[1:]}."
        more = f"It is one of the codes in `{_CODES_PAGE}`, which has an example and the cure."
        return Explanation(rule_id, (), summary, f"{summary}\n\n{more}")
    report = Report("flowbind explain")
    near = difflib.get_close_matches(rule_id, [*all_rules(), *CODES], n=3)
    meant = f"Did you mean {listed(near, 'or')}? " if near else ""
    report.error("FB505", f"There is no rule {rule_id}.", f"{meant}`flowbind explain` lists all.")
    raise Refused(report)


def explain(rule_id: str) -> str:
    """Return what a rule means, for the terminal."""
    found = explanation(rule_id)
    head = found.rule + (f": {listed(found.severities, 'or')}" if found.severities else "")
    paragraphs = found.text.split("\n\n")
    return f"{head}\n\n{wrapped(*paragraphs)}"


def list_rules() -> str:
    """Return all rules as a table, for the terminal."""
    wide = max(map(len, all_rules()))
    chapters = [
        "\n".join([title, *(f"  {r.rule:{wide}}  {', '.join(r.severities):20}  {r.summary}" for r in rules)])
        for title, rules in _chapters().items()
    ]
    codes = f"{min(CODES)} to {max(CODES)} are about what flowbind reads and writes: see {_CODES_PAGE}."
    return "\n\n".join([*chapters, codes])


def as_json(rule_id: str | None) -> str:
    """Return what a rule means, or all rules and codes, for programs."""
    every = (explanation(name) for name in (*all_rules(), *CODES))
    found = asdict(explanation(rule_id)) if rule_id else [asdict(e) for e in every]
    return json.dumps(found, indent=2, ensure_ascii=False)


def rules_page() -> str:
    """Return the page of all rules, in Markdown."""
    parts = [_PAGE_HEAD]
    for title, rules in _chapters().items():
        parts.append(f"## {title}\n\n" + "\n".join(_table(rules)) + "\n")
        parts += [
            f"### {rule.rule}\n\n{listed(rule.severities, 'or').capitalize()}.\n\n{rule.text}\n" for rule in rules
        ]
    return "\n".join(parts)


def _table(rules: Iterable[Explanation]) -> list[str]:
    rows = [f"| [{r.rule}](#{r.rule.lower()}) | {listed(r.severities, 'or')} | {r.summary} |" for r in rules]
    return ["| rule | severity | means |", "|---|---|---|", *rows]


@cache
def _chapters() -> Mapping[str, Sequence[Explanation]]:
    """Return the rules by what they are about, in the order in which they are written down."""
    chapters: dict[str, list[Explanation]] = {}
    for title, module in _CHAPTERS:
        for name in rules_in(module):
            chapters.setdefault(_FILES if name.startswith("FILE_") else title, []).append(explanation(name))
    # Last, although they are written down first.
    chapters[_FILES] = chapters.pop(_FILES)
    return chapters
