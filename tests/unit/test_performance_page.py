"""README.md quotes the rows of docs/performance.md as they are, and the plot is of the same run."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tests.bench import page


def lines(table: str) -> list[list[str]]:
    """Return the cells of a table of Markdown, without its head."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_readme_quotes_what_was_measured() -> None:
    measured = lines(page.part(page.PAGE, "rows"))
    assert [tuple(line) for line in lines(page.part(page.README, "quoted"))] == page.quoted(measured)


def test_every_row_has_a_ratio_or_says_why_not() -> None:
    for line in lines(page.part(page.PAGE, "rows")):
        assert line[4] or line[6].startswith("not measured: "), line


def test_the_plot_is_a_picture() -> None:
    assert ET.fromstring(page.PLOT.read_text(encoding="utf-8")).tag == "{http://www.w3.org/2000/svg}svg"
