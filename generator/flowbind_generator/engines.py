"""The server families that flowbind knows: each is a package with a module `engine` that offers the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

if TYPE_CHECKING:
    import click

    from flowbind.drift_check import CheckMode
    from flowbind.findings import Finding
    from flowbind.served import Served
    from flowbind.workflow import Workflow
    from flowbind_generator.choosable import Choosable
    from flowbind_generator.copying import Difference
    from flowbind_generator.declaration import Declaration
    from flowbind_generator.diagnostics import Report
    from flowbind_generator.draft import Draft
    from flowbind_generator.ir import Input

# In the order in which they are asked whether a file is theirs; the last one explains a file that is nobody's.
_NAMES = ("comfyui", "invokeai")
VERSION_KEY = "x-flowbind-app-version"
"""Where `flowbind spec pull` notes which release served a document: the document itself does not say."""
FIRST = "invokeai"
"""The engine of manifests from before there were others."""


class Catalog(Protocol):
    """What an engine's server can do, read from the server's own document."""

    app_version: str | None
    file_digest: str | None

    @property
    def digest(self) -> str:
        """The SHA-256 of what the document says of node types."""
        ...

    @property
    def schema_names(self) -> frozenset[str]:
        """The names of the objects that `[tool.flowbind.field_types]` may give classes to."""
        ...


class Live(Protocol):
    """A running server, as `flowbind check --server` looks at it."""

    @property
    def served(self) -> Served:
        """Its node types."""
        ...

    def lacks(self, workflows: Mapping[str, Mapping[str, Any]]) -> Sequence[Finding]:
        """Return what the server lacks of what workflows name, by their manifest entries."""
        ...


class Server(Protocol):
    """A client of a running server, as `flowbind run` uses it."""

    @property
    def url(self) -> str:
        """The server's address, without a login in it."""
        ...

    def submit(self, workflow: Any) -> Any:
        """Queue a run, or those of a batch, and return the job; that of a batch has a length."""
        ...

    def submit_many(self, workflows: Any, *, at_once: bool = True) -> Any:
        """Queue the runs of many instances of one class, and return their job."""
        ...

    def is_alive(self) -> bool:
        """Tell whether a server of its family answers."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: Any) -> None: ...


class Engine(Protocol):
    """One server family as the core sees it.

    `TITLE` is its name for people, `RUNTIME` what generated modules import from, `PINNED` the file in the project's
    folder of workflows that `flowbind spec pull` writes, `SUFFIXES` how the names of exports end. The server is at
    `DEFAULT_URL`, or where the environment's `URL_VARIABLE` says. `DECLARED` tells whether a project may declare what
    is public of an export; otherwise exports say it themselves. `RUN_IDS` are the attributes of a result that tell
    which run it was. Importing the module must cost nothing: what works is imported when it is called, since a command
    that only compares digests asks here, too.
    """

    NAME: str
    TITLE: str
    RUNTIME: str
    PINNED: str
    SUFFIXES: Collection[str]
    URL_VARIABLE: str
    DEFAULT_URL: str
    DECLARED: bool
    RUN_IDS: Sequence[str]

    def claims(self, data: bytes) -> bool:
        """Tell whether the bytes of a file are an export of this family."""
        ...

    def claims_document(self, document: Any) -> bool:
        """Tell whether a parsed JSON document is what a server of this family says of itself."""
        ...

    def draft(
        self,
        data: bytes,
        catalog: Any,
        report: Report,
        declaration: Declaration | None = None,
        further: Collection[str] = (),
    ) -> Draft | None:
        """Return what an export holds, or None when the report refuses it.

        The literals whose addresses are `further` are inputs, too, after all others; see `choosable`.
        """
        ...

    def choosable(
        self, data: bytes, catalog: Any, report: Report, declaration: Declaration | None = None
    ) -> Choosable | None:
        """Return all of an export that could be an input or output, or None when the report refuses it."""
        ...

    def export_digest(self, data: bytes) -> str | None:
        """Return the digest of an export as JSON, its formatting aside; None for one that cannot be read."""
        ...

    def catalog_of(
        self, document: Any, report: Report, own_types: Mapping[str, str], file_digest: str | None
    ) -> Catalog | None:
        """Return the catalog in a server's parsed document, or None when the report refuses it.

        `own_types` maps the name of an object to a class of the user's, `file_digest` is the SHA-256 of the document's
        bytes, where it comes from a file.
        """
        ...

    def shipped_document(self) -> bytes:
        """Return the document that flowbind ships, compressed."""
        ...

    def shipped_catalog(self, own_types: Mapping[str, str]) -> Catalog:
        """Return the catalog in the document that flowbind ships."""
        ...

    def fetch(self, url: str) -> tuple[dict[str, Any], str | None]:
        """Return a running server's document, as it is pinned, and its release; raises `Refused`."""
        ...

    def preview(self, workflow: Workflow[Any], *, graph_only: bool) -> tuple[Any, list[str]]:
        """Return the request of an instance as JSON, and a line for each value that only a server can look up."""
        ...

    def copy(
        self, workflow: Workflow[Any], catalog: Any, declaration: Declaration | None, before: bytes | None
    ) -> Mapping[str, Any]:
        """Return the export that has an instance's values, as JSON; raises `InputError` for what no file holds.

        `declaration` is what the project will have declared of it, `before` the bytes of the file that it replaces.
        """
        ...

    def differences(self, workflow: Workflow[Any], read: type[Workflow[Any]], catalog: Any) -> Sequence[Difference]:
        """Return what a run of an instance posts otherwise than one of the class that was read from its copy."""
        ...

    def parse_setting(self, item: Input, text: str) -> Any:
        """Return what `--set attribute=text` means for an input; raises `InputError`."""
        ...

    def served(self, catalog: Any) -> Served:
        """Return the node types of a catalog as drift reads them."""
        ...

    def live(self, url: str) -> AbstractContextManager[Live]:
        """Connect to the running server at a URL, to compare with; raises `Refused`."""
        ...

    def connect(self, url: str, check: CheckMode) -> Server:
        """Return a client of the server at a URL; raises `ValueError` for what is no address."""
        ...

    def commands(self) -> Sequence[click.Command]:
        """Return the commands that only this family has."""
        ...

    def start_command(self) -> click.Command:
        """Return the command below `flowbind server start` that starts one of its servers on this machine."""
        ...


def engines() -> tuple[Engine, ...]:
    """Return all engines, in the order in which they are asked whether a file is theirs."""
    return tuple(map(engine, _NAMES))


@cache
def engine(name: str) -> Engine:
    """Return an engine by its name; raises `KeyError` for one that there is not."""
    if name not in _NAMES:
        raise KeyError(name)
    return cast(Engine, import_module(f"flowbind_generator.{name}.engine"))


def suffixes() -> list[str]:
    """Return how the names of exports end, of any engine."""
    return sorted({suffix for known in engines() for suffix in known.SUFFIXES})


def engine_of(data: bytes) -> Engine:
    """Return the engine that a file is an export of; the last one where it is nobody's, which then says why."""
    *first, last = engines()
    return next((found for found in first if found.claims(data)), last)


def engine_of_class(workflow: type[Workflow[Any]]) -> Engine:
    """Return the engine whose servers run a class."""
    return next(known for known in engines() if workflow.__server__ == known.TITLE)


def engine_of_document(document: Any) -> Engine:
    """Return the engine whose servers say such a document; the last one where it is nobody's, which then says why."""
    *first, last = engines()
    return next((found for found in first if found.claims_document(document)), last)
