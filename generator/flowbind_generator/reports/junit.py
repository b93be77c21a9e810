"""The report as JUnit XML, which most CI servers show: one test for each workflow."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from flowbind.findings import Finding, at_least
from flowbind.outside import printable
from flowbind.rules import Severity
from flowbind_generator.checked import Checked

_SUITE = "flowbind check"
_SERVER = "the server"


def as_junit(checked: Checked, fail_on: Severity) -> str:
    """Return a test for each workflow and each other source; it has failed where a finding is as grave as `fail_on`."""
    by_source = checked.by_source()
    sources = [*checked.workflows, *(s for s in by_source if s not in checked.workflows)]
    failures = sum(bool(at_least(found, fail_on)) for found in by_source.values())
    counts = {"tests": str(len(sources)), "failures": str(failures), "errors": "0", "skipped": "0"}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _SUITE} | counts)
    classname = f"flowbind.{'-'.join(checked.questions)}"
    for source in sources:
        named = {"classname": classname, "name": printable(source or _SERVER)}
        _tell(ElementTree.SubElement(suite, "testcase", named), by_source.get(source, ()), fail_on)
    ElementTree.indent(suites)
    # In ASCII the file is what its first line says, however the terminal or the redirection encodes it.
    document: bytes = ElementTree.tostring(suites, encoding="us-ascii", xml_declaration=True)
    return document.decode("ascii")


def _tell(case: ElementTree.Element, findings: Sequence[Finding], fail_on: Severity) -> None:
    failing = at_least(findings, fail_on)
    if failing:
        gravest, *others = failing
        more = f" (and {len(others)} more)" if others else ""
        # A single element with all of them: Jenkins and others read the first one only.
        failure = ElementTree.SubElement(
            case, "failure", {"type": gravest.rule, "message": printable(gravest.cause) + more}
        )
        failure.text = _text(failing)
    if passing := [f for f in findings if f not in failing]:
        ElementTree.SubElement(case, "system-out").text = _text(passing)


def _text(findings: Sequence[Finding]) -> str:
    """Return findings as lines; what XML cannot hold is no printable text, and is escaped as such."""
    lines: list[str] = []
    for found in findings:
        subject = found.named or found.place
        head = f"{found.severity} {found.rule}: " + (f"{subject}: " if subject else "")
        lines += [printable(head + found.cause), f"    {printable(found.cure)}"]
    return "\n".join(lines)
