"""ComfyUI as the core sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click

    from flowbind.comfyui import ComfyUI
    from flowbind.comfyui.schema.served import ServedClasses
    from flowbind.drift_check import CheckMode
    from flowbind.workflow import Workflow
    from flowbind_generator.choosable import Choosable
    from flowbind_generator.comfyui.catalog import Catalog
    from flowbind_generator.copying import Difference
    from flowbind_generator.declaration import Declaration
    from flowbind_generator.diagnostics import Report
    from flowbind_generator.draft import Draft
    from flowbind_generator.engines import Live
    from flowbind_generator.ir import Input

NAME = "comfyui"
TITLE = "ComfyUI"
RUNTIME = "flowbind.comfyui"
PINNED = "object_info.json"
SUFFIXES = frozenset({".json", ".png", ".webp"})
URL_VARIABLE = "COMFYUI_URL"
DEFAULT_URL = "http://127.0.0.1:8188"
DECLARED = True
RUN_IDS = ("item_id",)


def claims(data: bytes) -> bool:
    """Tell whether the bytes of a file are a workflow of ComfyUI, or were meant as one."""
    from flowbind_generator.comfyui.recognise import claims

    return claims(data)


def claims_document(document: Any) -> bool:
    """Tell whether a parsed JSON document is what a server answers to `/object_info`."""
    from flowbind_generator.comfyui.recognise import claims_document

    return claims_document(document)


def draft(
    data: bytes,
    catalog: Catalog,
    report: Report,
    declaration: Declaration | None = None,
    further: Collection[str] = (),
) -> Draft | None:
    """Return what an export holds, with `further` literals as inputs, or None when the report refuses it."""
    from flowbind_generator.comfyui.drafting import draft

    return draft(data, catalog, report, declaration, further)


def choosable(
    data: bytes, catalog: Catalog, report: Report, declaration: Declaration | None = None
) -> Choosable | None:
    """Return all of an export that can be declared public, or None when the report refuses it."""
    from flowbind_generator.comfyui.drafting import choosable

    return choosable(data, catalog, report, declaration)


def export_digest(data: bytes) -> str | None:
    """Return the digest of an export as JSON, its formatting aside; None for one that cannot be read."""
    from flowbind_generator.comfyui.export import export_digest

    return export_digest(data)


def catalog_of(
    document: Any, report: Report, own_types: Mapping[str, str] | None = None, file_digest: str | None = None
) -> Catalog | None:
    """Return the catalog in a parsed document, or None when the report refuses it; it has no objects to give types."""
    from flowbind_generator.comfyui.documents import catalog_of

    del own_types
    return catalog_of(document, report, file_digest)


def shipped_document() -> bytes:
    """Return the document that flowbind ships, compressed."""
    from flowbind_generator.comfyui.shipped import shipped_document

    return shipped_document()


def shipped_catalog(own_types: Mapping[str, str] | None = None) -> Catalog:
    """Return the catalog of the newest release that flowbind ships."""
    from flowbind_generator.comfyui.documents import shipped_catalog

    del own_types
    return shipped_catalog()


def fetch(url: str) -> tuple[dict[str, Any], str | None]:
    """Return a server's answer to `/object_info`, marked with its release, and the release; raises `Refused`."""
    from flowbind_generator.comfyui.fetch import fetch

    return fetch(url)


def preview(workflow: Workflow[Any], *, graph_only: bool) -> tuple[Any, list[str]]:
    """Return the prompt that would be posted, which is all that there is, and what only a run settles."""
    from flowbind.comfyui.preview import preview

    del graph_only
    return preview(workflow)


def copy(
    workflow: Workflow[Any], catalog: Catalog, declaration: Declaration | None, before: bytes | None
) -> Mapping[str, Any]:
    """Return the export that has an instance's values, as JSON; raises `InputError` for what no file holds."""
    from flowbind_generator.comfyui.copying import copy

    return copy(workflow, catalog, declaration, before)


def differences(workflow: Workflow[Any], read: type[Workflow[Any]], catalog: Catalog) -> Sequence[Difference]:
    """Return what a run of an instance posts otherwise than one of the class that was read from its copy."""
    from flowbind_generator.comfyui.copying import differences

    return list(differences(workflow, read, catalog))


def parse_setting(item: Input, text: str) -> Any:
    """Return what `--set attribute=text` means for an input; raises `InputError`."""
    from flowbind_generator.comfyui.settings import parse_setting

    return parse_setting(item, text)


def served(catalog: Catalog) -> ServedClasses:
    """Return the node classes of a catalog as drift reads them."""
    from flowbind.comfyui.schema.served import ServedClasses

    return ServedClasses(catalog, catalog.app_version)


def live(url: str) -> AbstractContextManager[Live]:
    """Connect to a running server, to compare with; raises `Refused`."""
    from flowbind_generator.comfyui.live_check import live

    return live(url)


def connect(url: str, check: CheckMode) -> ComfyUI:
    """Return a client of the server at a URL."""
    from flowbind.comfyui import ComfyUI

    return ComfyUI.from_env(url=url, check=check)


def commands() -> Sequence[click.Command]:
    """Return no commands of its own."""
    return ()


def start_command() -> click.Command:
    """Return `flowbind server start comfyui`."""
    from flowbind_generator.comfyui.start_command import start_comfyui

    return start_comfyui
