"""A running server at an address: each engine is asked whether it is one of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, TypeVar

from flowbind.outside import tellable
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import Engine, Live, engine, engines

T = TypeVar("T")


def fetched(url: str) -> tuple[Engine, dict[str, Any], str | None]:
    """Return whose server it is, its document as it is pinned, and its release; raises `Refused` where none answers."""
    asked, (document, version) = _first(url, [(known, known.fetch) for known in engines()])
    return asked, document, version


@contextmanager
def live(url: str, names: Iterable[str]) -> Iterator[tuple[Engine, Live]]:
    """Yield whose server it is among the engines of these names, and the server; raises `Refused` where none does."""
    with ExitStack() as until_then:

        def entering(connect: Callable[[str], AbstractContextManager[Live]]) -> Callable[[str], Live]:
            return lambda address: until_then.enter_context(connect(address))

        yield _first(url, [(known, entering(known.live)) for known in map(engine, names)])


def _first(url: str, ways: Sequence[tuple[Engine, Callable[[str], T]]]) -> tuple[Engine, T]:
    """Return what the first engine gives that knows the server; raises `Refused` with what each of them says."""
    report = Report(tellable(url))
    for known, way in ways:
        try:
            return known, way(url)
        except Refused as refused:
            prefix = f"{known.TITLE}: " if len(ways) > 1 else ""
            for told in refused.report:
                report.error(told.code, prefix + told.message, told.cure)
    raise Refused(report)
