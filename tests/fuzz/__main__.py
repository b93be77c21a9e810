"""Runs the tests of this folder at length and prints what each suite has tried and found.

    python -m tests.fuzz                            all, 10,000 examples of each property
    python -m tests.fuzz tests/fuzz/test_x.py ...   some

Further options are pytest's: `--hypothesis-profile thorough` is a fifth of that, `--hypothesis-seed 1` the same again.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROFILE = "nightly"
_HEAD = ("suite", "cases", "generated", "refused", "findings", "CPU s")


class Tally:
    """A plugin of pytest that counts what the suites do.

    A suite that tries several cases in one example counts them itself, in `counts` of its module: "cases", and
    "generated" where a case may be refused.
    """

    def __init__(self) -> None:
        self.suites: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._own: dict[str, Mapping[str, int]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        began = time.process_time()
        name = Path(item.path).stem.removeprefix("test_")
        suite = self.suites[name]
        try:
            return (yield)
        except Exception:
            suite["findings"] += 1
            raise
        finally:
            self.seconds[name] += time.process_time() - began
            if own := getattr(getattr(item, "module", None), "counts", None):
                self._own[name] = own
            told = str(getattr(item, "hypothesis_statistics", ""))
            examples = sum(int(n) for n in re.findall(r"(\d+) (?:passing|failing)", told))
            suite["cases"] += examples or 1

    def table(self) -> str:
        """Return a line for each suite, aligned."""
        lines = [_HEAD, *(self._line(name) for name in sorted(self.suites))]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(_aligned(line, widths) for line in lines)

    def _line(self, name: str) -> tuple[str, ...]:
        found = {**self.suites[name], **self._own.get(name, {})}
        generated = found.get("generated")
        shares = ("-", "-") if generated is None else (f"{generated:,}", f"{found['cases'] - generated:,}")
        findings = str(self.suites[name]["findings"])
        return (name.replace("_", " "), f"{found['cases']:,}", *shares, findings, f"{self.seconds[name]:.0f}")


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if at else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join([first, *others])


def main(words: Sequence[str]) -> int:
    """Run the suites; the exit code is pytest's."""
    tally = Tally()
    given = [word for word in words if not word.startswith("-") and Path(word.partition("::")[0]).exists()]
    # A run of an hour is no reason to end a test.
    options = ["-q", "--timeout=0", f"--hypothesis-profile={PROFILE}", *words, *(() if given else (str(HERE),))]
    code = pytest.main(options, plugins=[tally])
    print(f"\n{tally.table()}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
