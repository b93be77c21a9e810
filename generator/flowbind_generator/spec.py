"""The servers' documents: where each comes from, whose it is, and how it is pinned."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from os.path import lexists
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from flowbind.digest import text_sha256
from flowbind.outside import tellable
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import Catalog, Engine, engine, engine_of_document, engines
from flowbind_generator.project import Project
from flowbind_generator.reading import MOST_BYTES, read_file
from flowbind_generator.servers import fetched
from flowbind_generator.strict_json import parse

_GZIP = b"\x1f\x8b"
# Each loaded workflow holds one, of some megabytes.
_HELD: WeakValueDictionary[tuple[str, str, str], Catalog] = WeakValueDictionary()


@dataclass(frozen=True)
class Document:
    """What a server says of itself, and whose server that is; `file_digest` where it comes from a file."""

    engine: Engine
    content: Any
    place: str
    file_digest: str | None = None

    def catalog(self, own_types: Mapping[str, str]) -> Catalog:
        """Return the catalog in it; raises `Refused` where there is none."""
        report = Report(self.place)
        catalog = self.engine.catalog_of(self.content, report, own_types, self.file_digest)
        if catalog is None:
            raise Refused(report)
        return catalog


class Catalogs(Mapping[str, Catalog]):
    """The catalogs of a project by the names of their engines, each read on first use.

    A document that is `given` (a file or URL) comes before those of the settings, these before the pinned one of the
    engine, that before the shipped one. Reading raises `Refused` for a document that cannot be read.
    """

    def __init__(self, project: Project, given: str | None = None) -> None:
        self._project = project
        self._place = given
        self._read: dict[str, Catalog] = {}

    @cached_property
    def given(self) -> Mapping[str, Document]:
        """The document that was given, by the name of its engine; nothing where none was."""
        return _by_engine([] if self._place is None else [_opened(self._place, Path())])

    def __getitem__(self, name: str) -> Catalog:
        if name not in self._read:
            self._read[name] = self._shared(self._catalog(engine(name)), name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return (known.NAME for known in engines())

    def __len__(self) -> int:
        return len(engines())

    def _catalog(self, wanted: Engine) -> Catalog:
        own_types = self._project.field_types
        if own := self.given.get(wanted.NAME) or self._of_settings.get(wanted.NAME):
            return own.catalog(own_types)
        pinned = self._project.pinned(wanted)
        if lexists(pinned):
            # Its name says whose it is, whatever it holds.
            found = _opened(self._project.source(pinned), self._project.root)
            return replace(found, engine=wanted).catalog(own_types)
        return wanted.shipped_catalog(own_types)

    def _shared(self, catalog: Catalog, name: str) -> Catalog:
        """Return the catalog of the same file that somebody holds already, else this one."""
        if catalog.file_digest is None:
            return catalog
        return _HELD.setdefault((name, catalog.file_digest, repr(sorted(self._project.field_types.items()))), catalog)

    @cached_property
    def _of_settings(self) -> Mapping[str, Document]:
        return _by_engine(_opened(place, self._project.root) for place in self._project.specs)


def _by_engine(documents: Iterable[Document]) -> dict[str, Document]:
    """Return documents by the names of their engines; raises `Refused` for two of one."""
    found: dict[str, Document] = {}
    for document in documents:
        if other := found.get(document.engine.NAME):
            report = Report("pyproject.toml")
            cause = f"[tool.flowbind] spec names two documents of {document.engine.TITLE}: "
            report.error("FB504", f"{cause}{other.place} and {document.place}.", "Take one of them out.")
            raise Refused(report)
        found[document.engine.NAME] = document
    return found


def parsed(data: bytes, report: Report) -> Any:
    """Return a server's document, plain or gzip, as JSON; None when the report refuses it."""
    try:
        return parse(_unpacked(data) if data.startswith(_GZIP) else data)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        report.error(
            "FB401",
            f"The server's document cannot be used: it is no JSON ({error}).",
            "Pin your server's own with `flowbind spec pull URL`, or leave the setting out to use the shipped one.",
        )
        return None


def pull(url: str, project: Project) -> tuple[Engine, Path, str | None]:
    """Pin a running server's document, with the release it says it is; return whose it is, its file, that release."""
    from flowbind.files import whole_file

    found, document, version = fetched(url)
    target = project.pinned(found)
    with whole_file(target) as part:
        part.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return found, target, version


def documents_differ(project: Project, digests: Mapping[str, str | None]) -> bool:
    """Tell whether any engine would read another document than the one that has its digest in `digests`.

    It goes by bytes: one from a URL has the digest None, and counts as the same where it was used before. Nothing is
    parsed but a document of the settings that no engine in `digests` has used.
    """
    given = {place: _digest_of(place, project.root) for place in project.specs}
    files = [digest for digest in given.values() if digest is not None]
    if len(files) > len(set(files)):
        return True  # two of one engine, which whoever generates is told
    new = [place for place, digest in given.items() if digest not in digests.values()]
    if new and any(map(digests.__contains__, _claimants(new, project.root))):
        return True
    return any(
        digest not in given.values() and digest != _digest_without_settings(project, engine(name))
        for name, digest in digests.items()
    )


def _claimants(places: Iterable[str], folder: Path) -> Iterator[str]:
    """Yield the engines whose documents they are; every engine for one that is in no file that can be read."""
    for place in places:
        try:
            claimed = None if _is_url(place) else _opened(place, folder).engine.NAME
        except Refused:
            claimed = None
        yield from (known.NAME for known in engines()) if claimed is None else (claimed,)


def _digest_without_settings(project: Project, wanted: Engine) -> str | None:
    pinned = project.pinned(wanted)
    if lexists(pinned):
        return _digest_of(project.source(pinned), project.root)
    return text_sha256(wanted.shipped_document())


def _digest_of(place: str, folder: Path) -> str | None:
    """Return the digest of a document's bytes, None for one that is not in a file that can be read."""
    path = folder / place
    return text_sha256(read_file(path)) if not _is_url(place) and path.is_file() else None


def _opened(place: str, folder: Path) -> Document:
    """Return the document in a file or at a URL, a relative path starting in the folder; raises `Refused`."""
    if _is_url(place):
        return Document(*fetched(place)[:2], tellable(place))
    report = Report(tellable(place))
    try:
        data = read_file(folder / place)
    except OSError as error:
        report.error(
            "FB401",
            f"The server's document cannot be read ({error.strerror}).",
            "Check the path and its permissions, or pin a server's document with `flowbind spec pull URL`.",
        )
        raise Refused(report) from None
    content = parsed(data, report)
    if report.refused:
        raise Refused(report)
    return Document(engine_of_document(content), content, report.file, text_sha256(data))


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _unpacked(data: bytes) -> bytes:
    """Return what a gzip file holds; raises `ValueError` for more than a document may have."""
    with gzip.open(BytesIO(data)) as file:
        found = file.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES >> 20} MiB unpacked")
    return found
