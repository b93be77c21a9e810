"""The table of measures: what is counted, and what is told of it."""

from __future__ import annotations

import pytest

from .report import Row, print_details, print_table
from .tables import Aside, Known

ROW = Row(
    "apples that fall",
    {
        "a": None,
        "b": Known("it is glued on\nit is painted"),
        "c": Known("it is painted"),
        "d": Aside("a pear"),
        "e": "it flies",
    },
)


def test_the_table_counts_what_belongs_to_a_measure(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([ROW, Row("pears that a tree has", {}, "not run: no tree")])
    assert capsys.readouterr().out.splitlines() == [
        "measure                of  holds  known  failing",
        "apples that fall        4      1      2        1",
        "pears that a tree has  not run: no tree",
    ]


def test_reasons_are_counted_and_failing_cases_named(capsys: pytest.CaptureFixture[str]) -> None:
    print_details(ROW)
    assert capsys.readouterr().out.splitlines() == [
        "",
        "apples that fall",
        "  1 not counted: a pear",
        "  2 known: it is painted",
        "  1 known: it is glued on",
        "  FAILS e: it flies",
    ]
