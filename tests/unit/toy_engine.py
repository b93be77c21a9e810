"""A second family of servers, as small as can be: what the core does with several engines, it does with this one.

A workflow is `{"toy": title, "nodes": {id: {input: value}}}`: texts of one name are one input. A server's document is
`{"toy types": [name of an input, ...]}`. The server at `ADDRESS` has such a document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import click
import pytest

from flowbind.binding import Binding, OutputSlot, Slot
from flowbind.digest import json_sha256
from flowbind.findings import Finding, finding
from flowbind.saved_nodes import Literal, SavedNode
from flowbind.workflow import Outputs, OutputsT, Workflow
from flowbind_generator import engines
from flowbind_generator.choosable import Choosable
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.draft import Draft, DraftInput
from flowbind_generator.ir import Input
from flowbind_generator.names import Candidate
from flowbind_generator.server_rules import MODEL_MISSING

NAME = "toy"
TITLE = "Toy"
RUNTIME = "toy_runtime"
PINNED = "toy_types.json"
SUFFIXES = frozenset({".json", ".toy"})
URL_VARIABLE = "TOY_URL"
DEFAULT_URL = "http://127.0.0.1:1"
DECLARED = True
RUN_IDS = ("item_id",)
ADDRESS = "http://toy.example"
SHIPPED = {"toy types": ["text"]}


@dataclass(frozen=True)
class Catalog:
    """The names of the inputs that a server takes."""

    names: tuple[str, ...]
    file_digest: str | None = None
    app_version: str | None = "1.0"
    schema_names: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        return json_sha256(list(self.names))


class ToyWorkflow(Workflow[OutputsT]):
    """The base of the classes."""


def claims(data: bytes) -> bool:
    return b'"toy"' in data


def claims_document(document: Any) -> bool:
    return isinstance(document, Mapping) and "toy types" in document


def draft(
    data: bytes,
    catalog: Catalog,
    report: Report,
    declaration: Declaration | None = None,
    further: Collection[str] = (),
) -> Draft | None:
    document = json.loads(data)
    nodes: dict[str, dict[str, str]] = document["nodes"]
    places: dict[str, list[tuple[str, str]]] = {}
    for node_id, values in nodes.items():
        for name in values:
            if declaration is None or name in declaration.inputs or f"{node_id}.{name}" in further:
                places.setdefault(name, []).append((node_id, name))
    for name in sorted(places.keys() - set(catalog.names)):
        report.error("FB301", f'Toy has no input "{name}".', "Take it out.")
    if report.refused:
        return None
    return Draft(
        engine=NAME,
        runtime=RUNTIME,
        base_class="ToyWorkflow",
        title=document["toy"],
        description="",
        inputs=tuple(_input(index, name, nodes, *own) for index, (name, own) in enumerate(places.items())),
        outputs=(),
        references=(),
        batches=(),
        node_types={},
        named=(),
        source_digest=json_sha256(document),
        workflow_id=None,
        values=nodes,
        edges=(),
        graph=nodes,
        workflow=None,
    )


def choosable(
    data: bytes, catalog: Catalog, report: Report, declaration: Declaration | None = None
) -> Choosable | None:
    del declaration
    nodes: dict[str, dict[str, str]] = json.loads(data)["nodes"]
    if draft(data, catalog, report) is None:
        return None
    return Choosable(
        [
            SavedNode(
                node_id,
                node_id,
                "toy",
                {
                    name: Literal(f"{node_id}.{name}", "TEXT", value, node_id, ((node_id, name),))
                    for name, value in values.items()
                },
                {},
            )
            for node_id, values in nodes.items()
        ]
    )


def _input(index: int, name: str, nodes: Any, first: tuple[str, str], *also: tuple[str, str]) -> DraftInput:
    default = nodes[first[0]][name]
    made = Input(
        attribute="",
        index=index,
        label=name,
        node_id=first[0],
        node_type="toy",
        field_name=name,
        field_type="TEXT",
        cardinality="single",
        kind="text",
        annotation="str",
        required=False,
        default=default,
        default_code=repr(default),
        doc=name,
        json_pointer=f"/nodes/{first[0]}/{name}",
        jsonpath=f"$.nodes.{first[0]}.{name}",
        also=also,
        saved=(("nodes", first[0], name), (index,)),
    )
    return DraftInput(Candidate(f"{first[0]}/{name}", [name], [first[0]]), made)


def export_digest(data: bytes) -> str | None:
    return json_sha256(json.loads(data))


def catalog_of(document: Any, report: Report, own_types: Any, file_digest: str | None) -> Catalog | None:
    del own_types
    if not claims_document(document) or not isinstance(document["toy types"], list):
        report.error("FB401", "The list of Toy's types is none.", "Mend it.")
        return None
    return Catalog(tuple(document["toy types"]), file_digest)


def shipped_document() -> bytes:
    return json.dumps(SHIPPED).encode()


def shipped_catalog(own_types: Any) -> Catalog:
    from flowbind.digest import text_sha256

    found = catalog_of(SHIPPED, Report(""), own_types, text_sha256(shipped_document()))
    assert found is not None
    return found


def fetch(url: str) -> tuple[dict[str, Any], str | None]:
    if url != ADDRESS:
        report = Report(url)
        report.error("FB401", "No Toy answers.", "Give the address of one.")
        raise Refused(report)
    return {"toy types": ["text", "more"]}, "2.0"


def preview(workflow: Workflow[Any], *, graph_only: bool) -> tuple[Any, list[str]]:
    del graph_only
    return {"toy": {s.attribute: getattr(workflow, str(s.attribute)) for s in workflow.__flowbind__.slots}}, []


def parse_setting(item: Input, text: str) -> Any:
    return f"{text} for {item.attribute}"


class Served:
    """A server that has nothing but the type of all nodes, whatever its document says of its inputs."""

    app_version = None
    name = "Toy"
    ignores_edges = False
    missing_paths: tuple[str, ...] = ()

    def __contains__(self, node_type: str) -> bool:
        return node_type == "toy"


def served(catalog: Catalog) -> Served:
    del catalog
    return Served()


@contextmanager
def live(url: str) -> Iterator[Live]:
    document, _ = fetch(url)
    yield Live(document)


@dataclass(frozen=True)
class Live:
    """A server that lacks what no toy has."""

    document: Mapping[str, Any]
    served = Served()

    def lacks(self, workflows: Mapping[str, Any]) -> list[Finding]:
        return [finding(MODEL_MISSING, None, "No Toy has models.", "Play on.", source=source) for source in workflows]


def connect(url: str, check: Any) -> Any:
    raise ValueError(f"Toy runs nothing on {url}, {check}.")


def commands() -> tuple[()]:
    return ()


def start_command() -> click.Command:
    return click.Command(NAME)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the toy one of the engines, asked first."""
    runtime = ModuleType(RUNTIME)
    runtime.__dict__.update(
        Binding=Binding,
        OutputSlot=OutputSlot,
        Outputs=Outputs,
        Slot=Slot,
        ToyWorkflow=ToyWorkflow,
        RESERVED={"Puppet"},
    )
    monkeypatch.setitem(sys.modules, RUNTIME, runtime)
    monkeypatch.setitem(sys.modules, "flowbind_generator.toy.engine", sys.modules[__name__])
    monkeypatch.setattr(engines, "_NAMES", (NAME, *engines._NAMES))
    engines.engine.cache_clear()
    yield
    engines.engine.cache_clear()
