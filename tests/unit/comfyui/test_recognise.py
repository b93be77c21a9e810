"""Which files are ComfyUI's: told by what is in them, never by their names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowbind_generator.comfyui import recognise
from flowbind_generator.comfyui.recognise import claims, claims_document
from flowbind_generator.comfyui.shipped import shipped_document
from flowbind_generator.invokeai.shipped import shipped_document as others_document

from ..exports import as_bytes as others_bytes
from ..exports import edge, node, workflow
from ..test_export import chunk, i_txt, t_ext
from ..test_export import png as png_of
from .files import PROMPT, SAVED, SAVED_1, animated_png, as_bytes, png, webp

BODY = {"prompt": PROMPT, "extra_data": {"extra_pnginfo": {"workflow": SAVED}}}
RUN = [3, "a-run", PROMPT, {"extra_pnginfo": {"workflow": SAVED}}, ["2"]]
OURS: dict[str, Any] = {
    "a saved file": SAVED,
    "a saved file of version 1": SAVED_1,
    "one without nodes": {"nodes": [], "links": []},
    "a prompt": PROMPT,
    "a prompt with a broken node": {**PROMPT, "3": "?"},
    "a body": BODY,
    "what the page makes": {"workflow": SAVED, "output": PROMPT},
    "an answer to /history": {"a-run": {"prompt": RUN, "outputs": {}}},
    "two runs": {"a-run": {"prompt": RUN}, "other-run": {"prompt": RUN}},
    "an answer to /queue": {"queue_running": [RUN], "queue_pending": []},
    "an answer to /api/jobs": {"id": "a-run", "workflow": {"prompt": PROMPT, "extra_data": {}}},
    "a workflow in a text": {"workflow": json.dumps(SAVED)},
}
OTHERS: dict[str, Any] = {
    "another family's": workflow(node("a", "add"), node("b", "add"), edges=[edge("a.value", "b.a")]),
    "one that talks of us": workflow(node("a", "add"), name="class_type, last_node_id and links"),
    "one that has such keys": {**workflow(node("a", "add")), "last_node_id": 1, "links": []},
    "nothing": {},
    "a list": [1, "links"],
    "a text": "class_type",
    "no prompt": {"prompt": "a cat and its links"},
}


@pytest.mark.parametrize("document", OURS.values(), ids=OURS)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_of_ours(document: Any, indent: int | None) -> None:
    assert claims(json.dumps(document, indent=indent).encode())


@pytest.mark.parametrize("document", OTHERS.values(), ids=OTHERS)
def test_a_file_of_others(document: Any) -> None:
    assert not claims(as_bytes(document))


def test_servers_documents_are_no_exports() -> None:
    assert not claims(shipped_document())
    assert not claims(others_document())


@pytest.mark.parametrize("picture", [png, animated_png, webp])
@pytest.mark.parametrize("texts", [{"workflow": "{}"}, {"prompt": "{}"}, {"prompt": "{}", "workflow": "{}"}])
def test_a_picture_of_ours(picture: Any, texts: dict[str, str]) -> None:
    assert claims(picture(**texts))


@pytest.mark.parametrize(
    "chunks", [[], [t_ext("parameters", "a cat")], [i_txt("invokeai_workflow", "{}"), t_ext("prompt", "{}")]]
)
def test_a_picture_of_others(chunks: list[bytes]) -> None:
    assert not claims(png_of(*chunks))


def test_a_damaged_picture_of_ours() -> None:
    assert claims(png_of(t_ext("prompt", "{}"), chunk(b"tEXt", b"x\0y")[:-1] + b"?"))


@pytest.mark.parametrize("data", [b'{"last_node_id": 3, "nodes": [', b'{"1": {"class_type": "A", "edges" : }}'])
def test_a_broken_file_that_was_meant_for_us(data: bytes) -> None:
    assert claims(data)


@pytest.mark.parametrize(
    "data", [b"", b"links", b"[" * 100_000 + b"links", b"\xff\xfestate", b'{"nodes": [], "links": ']
)
def test_a_broken_file_of_nobody(data: bytes) -> None:
    assert not claims(data)


def test_files_of_others_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(recognise, "parse", never)
    assert not claims(others_bytes(OTHERS["another family's"]))
    assert claims(as_bytes(SAVED))


@pytest.mark.parametrize(
    "document",
    [{}, [], None, "x", {"openapi": "3.1.0", "info": {}, "paths": {}, "components": {}}, SAVED, PROMPT, {"A": {}}],
)
def test_what_is_no_answer_of_a_server(document: Any) -> None:
    assert not claims_document(document)


def test_an_answer_of_a_server() -> None:
    node_class = {"input": {"required": {}}, "output": []}
    assert claims_document({"A": node_class})
    assert claims_document({"x-flowbind-app-version": "0.33.0", "A": node_class})
