"""Measures how far flowbind goes on real files, and prints one table and the cases that fail.

    python -m tests.fidelity.report

With INVOKEAI_URL set, the batches are posted to that server, too; what its tiny model can run is run. Exit code 1 when
a case fails.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flowbind.invokeai import InvokeAI
from flowbind_generator.diagnostics import CODES
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.engine import shipped_catalog

from . import drift_pairs, enforcement, measures, packs
from .acceptance import Server, is_accepted
from .documents import Release, release_names
from .refusals import REASONS
from .runs import TINY_MODEL, corpus_outcomes, tiny_model
from .shared import CORPUS, MISSING, exports, named
from .tables import Aside, Known
from .written import TOOLS, Written, write_corpus

Outcomes = Mapping[str, str | None]
"""Case -> what its check says."""


@dataclass(frozen=True)
class Row:
    """One line of the table; `note` stands in place of the numbers where nothing was measured."""

    title: str
    outcomes: Outcomes
    note: str = ""

    @property
    def failing(self) -> dict[str, str]:
        """The cases that fail."""
        return {case: said for case, said in self.outcomes.items() if said and not isinstance(said, Known)}

    @property
    def known(self) -> Counter[str]:
        """The reasons that tables give, and how many cases differ for each."""
        return Counter(line for said in self._known for line in said.splitlines())

    @property
    def _known(self) -> list[Known]:
        return [said for said in self.outcomes.values() if isinstance(said, Known) and not isinstance(said, Aside)]

    @property
    def aside(self) -> Counter[str]:
        """Why cases do not belong to the measure, and how many."""
        return Counter(said for said in self.outcomes.values() if isinstance(said, Aside))

    def cells(self) -> tuple[str, str, str, str, str]:
        """Return the line's cells."""
        if self.note:
            return self.title, self.note, "", "", ""
        count = len(self.outcomes) - self.aside.total()
        known, failing = len(self._known), len(self.failing)
        return self.title, str(count), str(count - known - failing), str(known), str(failing)


def main() -> int:
    """Measure, print, and return the exit code."""
    if not CORPUS.is_dir():
        sys.exit(f"Not measured: {MISSING}.")
    catalog = shipped_catalog()
    rows = [Row(m.title, measured(m, catalog)) for m in measures.MEASURES]
    rows.append(inputs_row(catalog))
    rows += drift_rows()
    with tempfile.TemporaryDirectory() as folder:
        written = write_corpus(Path(folder), catalog)
        rows += [modules_row(written), Row(packs.TITLE, packs.pack_outcomes())]
        rows += [*server_rows(catalog), runs_row(catalog)]
    print_table(rows)
    print_corpus(written)
    print_drift()
    for row in rows:
        print_details(row)
    return int(any(row.failing for row in rows))


def measured(measure: measures.Measure, catalog: Catalog) -> dict[str, str | None]:
    """Check all cases of a measure."""
    return {measure.name(case): measure.check(case, catalog) for case in measure.cases}


def inputs_row(catalog: Catalog) -> Row:
    """Compare each release's inputs with the independent reading of its document."""
    found: dict[str, str | None] = {}
    for name in release_names():
        found |= measured(measures.typed_in(name), catalog)
    return Row(measures.TYPED, found, "" if found else "not run: no documents")


def drift_rows() -> list[Row]:
    """Compare what drift says of real workflows beside other documents with an independent reading of both."""
    measured = {
        "workflows beside the releases next to theirs: drift tells all that breaks": drift_pairs.outcomes,
        "errors that drift tells there, confirmed by an independent reading": drift_pairs.error_outcomes,
        "workflows beside made-up documents in which much breaks: drift tells it all": drift_pairs.made_up_outcomes,
    }
    return [
        Row(title, found := outcomes(), "" if found else "not run: no documents")
        for title, outcomes in measured.items()
    ]


def modules_row(written: Written) -> Row:
    """Have each tool look at all generated modules."""
    outcomes: dict[str, str | None] = dict.fromkeys(written.files.values())
    for find in TOOLS.values():
        for name, said in find(written).items():
            case = written.files.get(name, name)
            outcomes[case] = "; ".join([*filter(None, [outcomes.get(case)]), *said])
    return Row("generated modules that import and pass ruff, mypy --strict, pyright strict", outcomes)


def server_rows(catalog: Catalog) -> list[Row]:
    """Post all batches, and values around all limits, to the server of INVOKEAI_URL."""
    batches = "batches that a real server accepts, models and pictures filled in"
    limits = "values around limits and choices, which a real server and the class take or refuse alike"
    url = os.environ.get("INVOKEAI_URL", "").rstrip("/")
    if not url:
        return [Row(title, {}, "not run: no server") for title in (batches, limits)]
    server = Server(url)
    with server.holding():
        tried = list(enforcement.trials(Release("the server", server.document())))
        return [
            Row(batches, {named(path): is_accepted(path, catalog, server) for path in exports()}),
            Row(limits, enforcement.outcomes(tried, server)),
        ]


def runs_row(catalog: Catalog) -> Row:
    """Run what can run on the server of INVOKEAI_URL, and compare one and many with what it says."""
    title = "one or many as a real server has it, of what runs with a tiny model or none"
    url = os.environ.get("INVOKEAI_URL", "").rstrip("/")
    if not url:
        return Row(title, {}, "not run: no server")
    with InvokeAI(url) as client:
        model = tiny_model(client)
        if model is None:
            return Row(title, {}, f'not run: the server has no "{TINY_MODEL}"')
        return Row(title, corpus_outcomes(client, catalog, model))


def print_table(rows: list[Row]) -> None:
    """Print the rows, aligned."""
    lines = [("measure", "of", "holds", "known", "failing"), *(row.cells() for row in rows)]
    title, *widths = (max(len(line[n]) for line in lines if n == 0 or line[2]) for n in range(5))
    for first, *cells in lines:
        shown = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        print(f"{first.ljust(title)}  {shown}".rstrip())


def print_corpus(written: Written) -> None:
    """Print what becomes of the files, and how long that takes."""
    many = len(written.files) + sum(written.refusals.values())
    print(f"\n{len(written.files)} of {many} files generate, in one process in {written.seconds:.1f} s of CPU time.")
    print("The others are refused:")
    for code, count in Counter(written.refusals).most_common():
        print(f"  {count} {code}: {REASONS[code][0] if code in REASONS else CODES[code]}")


def print_drift() -> None:
    """Print how many findings of drift there are, by rule."""
    totals = drift_pairs.totals()
    if totals:
        print("\nDrift of the files between releases next to each other:")
    for (rule, severity), count in sorted(totals.items()):
        print(f"  {count} {severity} {rule}")


def print_details(row: Row) -> None:
    """Print why cases differ for a known reason, how many, and each case that fails."""
    if not row.known and not row.failing and not row.aside:
        return
    print(f"\n{row.title}")
    for why, count in row.aside.most_common():
        print(f"  {count} not counted: {why}")
    for why, count in row.known.most_common():
        print(f"  {count} known: {why}")
    for case, said in row.failing.items():
        print(f"  FAILS {case}: {said}")


if __name__ == "__main__":
    sys.exit(main())
