"""The report as commands to GitHub's workflow runner, which shows them beside the files of a pull request."""

from __future__ import annotations

from collections.abc import Mapping

from flowbind.findings import Finding
from flowbind.outside import printable
from flowbind.rules import Severity
from flowbind_generator.checked import Checked

_COMMANDS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def as_github(checked: Checked) -> str:
    """Return one line for each finding; GitHub shows ten of each severity, and all in the log."""
    return "\n".join(_command(f) for found in checked.by_source().values() for f in found)


def _command(found: Finding) -> str:
    subject = found.named or found.place
    cause = f"{subject}: {found.cause}" if subject else found.cause
    # Nothing of printable text ends a line or hides one, so the only newline is ours, and it is escaped.
    message = "\n".join(map(printable, (cause, found.cure)))
    properties = {"file": found.source, "title": found.rule}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{_COMMANDS[found.severity]} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
