"""Tells how many branches of the generator and the runtime the tests take; fails where that is too few.

python tests/maintain/branches.py .coverage.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

AT_LEAST, SHOWN = 95, 10


def main() -> None:
    """Print the share of branches taken, and the modules with most of the others; exit with 1 below the limit."""
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    missing = {name: file["summary"]["missing_branches"] for name, file in report["files"].items()}
    for name, count in sorted(missing.items(), key=lambda item: -item[1])[:SHOWN]:
        print(f"{count:4} branches not taken in {name}")
    totals = report["totals"]
    print(f"{totals['covered_branches']} of {totals['num_branches']} branches taken: ", end="")
    print(f"{totals['percent_branches_covered']:.1f} % of at least {AT_LEAST} %")
    sys.exit(totals["percent_branches_covered"] < AT_LEAST)


if __name__ == "__main__":
    main()
