"""Reading files: whatever is in them, a workflow or a reason comes out."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import pytest

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.export import read_export

from .exports import (
    FILE,
    as_bytes,
    codes,
    edge,
    form,
    input_of,
    loaded,
    node,
    only,
    picture,
    refused,
    resolved,
    workflow,
)

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read(data: bytes) -> tuple[Any, tuple[str, ...]]:
    report = Report(FILE)
    found = read_export(data, report)
    assert found is not None, list(map(str, report))
    return found


def why(data: bytes, code: str) -> str:
    """Return the message of the one finding by which a file is refused."""
    report = Report(FILE)
    assert read_export(data, report) is None
    assert codes(report) == [code]
    return only(report, code).message


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    """Return a picture of one pixel with the given chunks."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    return SIGNATURE + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def t_ext(key: str, text: str) -> bytes:
    return chunk(b"tEXt", key.encode() + b"\0" + text.encode("latin-1"))


def z_txt(key: str, text: str) -> bytes:
    return chunk(b"zTXt", key.encode() + b"\0\0" + zlib.compress(text.encode("latin-1")))


def i_txt(key: str, text: str, *, packed: bool = False) -> bytes:
    data = zlib.compress(text.encode()) if packed else text.encode()
    return chunk(b"iTXt", key.encode() + b"\0" + bytes([packed, 0]) + b"en\0\0" + data)


SMALL = workflow(picture(width=64), name="Größe")


def test_a_file_with_a_byte_order_mark() -> None:
    assert read(b"\xef\xbb\xbf" + as_bytes(SMALL)) == (SMALL, ())


def test_a_file_with_the_line_ends_of_windows() -> None:
    text = json.dumps(SMALL, indent=2).replace("\n", "\r\n")
    assert read(text.encode()) == (SMALL, ())


def test_no_text() -> None:
    assert "byte 9" in why(b'{"name":"\xff"}', "FB101")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_text_of_another_width(encoding: str) -> None:
    report = Report(FILE)
    assert read_export(json.dumps(SMALL).encode(encoding), report) is None
    found = only(report, "FB101")
    assert f"is {encoding[:6].upper()} text" in found.message
    assert "as UTF-8" in found.cure


@pytest.mark.parametrize("data", [b"{", b"not json", b'{"nodes": [], }'])
def test_no_json(data: bytes) -> None:
    assert "no valid JSON" in why(data, "FB101")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" + "0" * 400])
def test_a_number_that_json_or_the_editor_cannot_hold(number: str) -> None:
    assert "no valid JSON" in why(b'{"nodes": [], "x": ' + number.encode() + b"}", "FB101")


@pytest.mark.parametrize("half", ['"\\ud800"', '"a\\udfffb"', '{"\\udc00": 1}'])
def test_half_a_character(half: str) -> None:
    data = b'{"nodes": [], "x": ' + half.encode() + b"}"
    assert "half a character" in why(data, "FB101")
    report = Report(FILE)
    read_export(data, report)
    assert only(report, "FB101").pointer == "/x"


def test_a_number_too_long_to_print() -> None:
    assert why(b'{"nodes": [], "x": ' + b"9" * 6000 + b"}", "FB101").count("9") == 17


def test_both_halves_of_a_character() -> None:
    assert read(b'{"nodes": [], "name": "\\ud83c\\udfa8"}')[0]["name"] == "🎨"


def test_deep_nesting() -> None:
    assert "nested too deeply" in why(b"[" * 200_000, "FB101")


@pytest.mark.parametrize("data", [b"[]", b"1", b"null", b'"text"'])
def test_no_object(data: bytes) -> None:
    assert "no JSON object" in why(data, "FB102")


def test_other_json() -> None:
    assert "no list of nodes" in why(b'{"name": "flowbind"}', "FB102")


@pytest.mark.parametrize(
    "document",
    [
        {"id": "g", "nodes": {}, "edges": []},
        {"graph": {"nodes": {}}},
        {"batch": {"graph": {"nodes": {}}, "workflow": None}, "prepend": False},
    ],
    ids=["graph", "in a graph record", "enqueue body without a workflow"],
)
def test_a_graph_is_no_workflow(document: Any) -> None:
    assert "graph for the server" in why(as_bytes(document), "FB102")


@pytest.mark.parametrize("embed", [dict, json.dumps], ids=["as JSON", "as text"])
def test_a_workflow_inside_another_document(embed: Any) -> None:
    assert read(as_bytes({"batch": {"graph": {}, "workflow": embed(SMALL)}})) == (SMALL, ("batch", "workflow"))
    assert read(as_bytes({"item_id": 1, "workflow": embed(SMALL)})) == (SMALL, ("workflow",))


def test_addresses_lead_through_the_document_around_a_workflow(catalog: Catalog) -> None:
    body = {"batch": {"workflow": workflow(picture(width=64), form=form("p.width"))}}
    module, _ = resolved(body, catalog)
    assert module.inputs[0].json_pointer == "/batch/workflow/nodes/0/data/inputs/width/value"
    assert module.inputs[0].jsonpath == "$.batch.workflow.nodes[0].data.inputs.width.value"


def test_findings_point_through_the_document_around_a_workflow(catalog: Catalog) -> None:
    broken = workflow(picture(), edges=[edge("p.width", "x.y")], form=form("x.y"))
    _, report = resolved({"batch": {"workflow": broken}}, catalog)
    pointers = {"/batch/workflow/edges/0", "/batch/workflow/form/elements/e0"}
    assert {d.pointer for d in report} == pointers
    del broken["nodes"][0]["data"]["useCache"]
    found = only(refused({"workflow": json.dumps(broken)}, catalog), "FB104")
    assert found.pointer == "/workflow/nodes/0/data/useCache"
    assert '"useCache"' in found.message


@pytest.mark.parametrize("write", [t_ext, z_txt, i_txt, lambda k, t: i_txt(k, t, packed=True)])
def test_a_picture_with_a_workflow(write: Any) -> None:
    text = json.dumps(SMALL)
    assert read(png(t_ext("Software", "InvokeAI"), write("invokeai_workflow", text))) == (SMALL, ())


def test_text_of_a_picture_in_utf_8() -> None:
    assert read(png(i_txt("invokeai_workflow", json.dumps(SMALL, ensure_ascii=False))))[0]["name"] == "Größe"


def test_a_picture_with_a_graph_only() -> None:
    assert "only a graph" in why(png(t_ext("invokeai_graph", "{}")), "FB102")


def test_a_picture_without_anything() -> None:
    assert "no workflow" in why(png(), "FB102")


def test_a_damaged_picture() -> None:
    broken = chunk(b"zTXt", b"invokeai_workflow\0\0" + b"this is not deflate")
    assert "damaged" in why(png(broken), "FB101")
    assert "damaged" in why(png(chunk(b"iTXt", b"invokeai_workflow\0\0\0en\0\0\xff\xff")), "FB101")


def test_a_picture_that_ends_in_the_middle() -> None:
    whole = png(i_txt("invokeai_workflow", json.dumps(SMALL)))
    cut = whole.index(b"Gr\\u00f6") + 2
    report = Report(FILE)
    assert read_export(whole[:cut], report) is None
    assert codes(report) == ["FB101"]


def test_a_text_that_inflates_without_end() -> None:
    bomb = zlib.compress(b" " * (65 * 1024 * 1024))
    assert "too large" in why(png(chunk(b"zTXt", b"invokeai_workflow\0\0" + bomb)), "FB101")


def test_a_huge_file() -> None:
    assert "64 MiB" in why(b" " * (64 * 1024 * 1024 + 1), "FB101")


def test_integers_beyond_what_javascript_holds_survive(catalog: Catalog) -> None:
    huge = 2**63 + 1
    document = workflow(node("n", "integer", {"value": huge}), picture(), edges=[edge("n.value", "p.width")])
    found, _ = loaded(document | {"form": form("n.value")}, catalog)
    assert found.graph["nodes"]["n"]["value"] == huge
    module, _ = resolved(document | {"form": form("n.value")}, catalog)
    assert input_of(module, "value").default_code == str(huge)


def test_a_refusal_says_what_to_do(catalog: Catalog) -> None:
    found = only(refused(b"{", catalog), "FB101")
    assert found.severity == "error"
    assert "Download Workflow" in found.cure


@pytest.mark.parametrize("data", [b"", b" \r\n"])
def test_an_empty_file_is_called_empty(data: bytes) -> None:
    assert why(data, "FB101") == "The file is empty."
