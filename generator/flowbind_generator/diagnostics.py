"""Errors as values: what flowbind found in a file, where, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from flowbind.outside import printable

Severity = Literal["error", "warning", "info"]

CODES: dict[str, str] = {
    "FB101": "the file cannot be read",
    "FB102": "the file is not a workflow",
    "FB103": "the version of the workflow format is unknown",
    "FB104": "the workflow's structure is broken",
    "FB105": "an unknown kind of node or edge",
    "FB106": "no version of the workflow format is given",
    "FB107": "a key stands twice in one object",
    "FB201": "a form element points to nothing",
    "FB202": "an input stands in the form twice",
    "FB203": "the form is broken",
    "FB204": "the saved value does not fit the input's own type",
    "FB205": "a saved model has the shape of an old release",
    "FB206": "an input of the form is fed by an edge",
    "FB207": "a saved value cannot be understood",
    "FB208": "an input has another label than before",
    "FB209": "a run must be given a value",
    "FB210": "the editor expands a text at each run",
    "FB211": "a node costs money at each run",
    "FB212": "a value of the workflow is no input",
    "FB213": "a workflow is declared in two places",
    "FB214": "the file of declarations beside an export is wrong",
    "FB215": "a declaration names nothing",
    "FB301": "the server has no such node type",
    "FB302": "a connection does not fit and is left out",
    "FB303": "a node has inputs that its type no longer has",
    "FB304": "a node has another major version than the server",
    "FB305": "a batch cannot run as it is",
    "FB306": "the workflow has nothing to run",
    "FB307": "two nodes have one id",
    "FB308": "nothing feeds an input that a run needs",
    "FB309": "a run may never end",
    "FB310": "the saved values of a node are in another order than their names",
    "FB311": "only a browser can make a value",
    "FB313": "a node is a group node",
    "FB401": "the server's document cannot be read",
    "FB402": "the type of an input is not understood",
    "FB501": "two workflows want one name",
    "FB502": "a file stands in the way",
    "FB503": "the rendered module is not what was planned",
    "FB504": "the settings are wrong",
    "FB505": "there is no such rule",
    "FB506": "no workflow is meant",
    "FB507": "what the manifest pins cannot be made again",
    "FB508": "a file cannot be read or written",
    "FB509": "another command is writing here",
    "FB510": "a file's name cannot be that of a module",
    "FB511": "servers of this family cannot do that",
}


@dataclass(frozen=True)
class Diagnostic:
    """One finding: a stable code, a place, one sentence of cause and one of cure."""

    code: str
    severity: Severity
    file: str
    message: str
    cure: str
    pointer: str | None = None
    node_label: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """Return the finding in the vocabulary of `flowbind inspect --format json`."""
        keys = ("code", "severity", "file", "pointer", "node_label", "message", "cure")
        return {key: getattr(self, key) for key in keys}

    def __str__(self) -> str:
        place = printable(self.file + (f"#{self.pointer}" if self.pointer else ""))
        node = f' (node "{printable(self.node_label)}")' if self.node_label else ""
        return f"{place}: {self.severity} {self.code}: {printable(self.message)}{node}\n    {printable(self.cure)}"


NOT_UNDERSTOOD = frozenset({"FB207", "FB402"})
"""The warnings that a strict report makes errors."""


@dataclass
class Report:
    """Collects the findings about one file; their pointers start at `root`.

    With `strict`, what is not understood is an error.
    """

    file: str
    # In order, each once; a stranger's file may give a hundred thousand.
    diagnostics: dict[Diagnostic, None] = field(default_factory=dict[Diagnostic, None])
    root: str = ""
    strict: bool = False

    def within(self, root: str) -> Report:
        """Return the same report for a part of the file that knows nothing of what is around it."""
        return Report(self.file, self.diagnostics, self.root + root, self.strict)

    def error(
        self, code: str, message: str, cure: str, *, pointer: str | None = None, node_label: str | None = None
    ) -> None:
        """Add a finding that stops the file from being generated."""
        self._add(code, "error", message, cure, pointer, node_label)

    def warning(
        self, code: str, message: str, cure: str, *, pointer: str | None = None, node_label: str | None = None
    ) -> None:
        """Add a finding that the user should know; generation goes on."""
        self._add(code, "warning", message, cure, pointer, node_label)

    def info(
        self, code: str, message: str, cure: str, *, pointer: str | None = None, node_label: str | None = None
    ) -> None:
        """Add a finding that is no problem."""
        self._add(code, "info", message, cure, pointer, node_label)

    @property
    def refused(self) -> bool:
        """Tell whether any finding is an error."""
        return any(d.severity == "error" for d in self.diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)

    def _add(
        self, code: str, severity: Severity, message: str, cure: str, pointer: str | None, node_label: str | None
    ) -> None:
        assert code in CODES, code
        place = pointer if pointer is None else self.root + pointer
        if self.strict and code in NOT_UNDERSTOOD:
            severity = "error"
        found = Diagnostic(code, severity, self.file, message, cure, place, node_label)
        self.diagnostics[found] = None


class Refused(Exception):
    """A file that cannot be generated; the report says why."""

    def __init__(self, report: Report) -> None:
        super().__init__("\n".join(str(d) for d in report))
        self.report = report
