"""What `flowbind check` has found, in the format that is asked for: one module for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from flowbind.rules import Severity
    from flowbind_generator.checked import Checked

Format = Literal["text", "json", "github", "sarif", "junit"]
FORMATS: tuple[Format, ...] = get_args(Format)


def report(form: Format, checked: Checked, fail_on: Severity) -> str:
    """Return the report in a format, without a newline at its end; where a test has failed is up to `fail_on`.

    Text has the colours of a terminal, the others are plain. It is empty where there is nothing to say.
    """
    # Imported here: one format does not pay for the others.
    match form:
        case "text":
            from flowbind_generator.reports.text import as_text

            return as_text(checked)
        case "json":
            from flowbind_generator.reports.json_report import as_json

            return as_json(checked)
        case "github":
            from flowbind_generator.reports.github import as_github

            return as_github(checked)
        case "sarif":
            from flowbind_generator.reports.sarif import as_sarif

            return as_sarif(checked)
        case "junit":
            from flowbind_generator.reports.junit import as_junit

            return as_junit(checked, fail_on)
