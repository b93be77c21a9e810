"""Reading files of ComfyUI: whatever is in them, a workflow or a reason comes out."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind_generator.comfyui.export import export_digest, read_export
from flowbind_generator.comfyui.recognise import Found
from flowbind_generator.comfyui.shipped import shipped_document
from flowbind_generator.diagnostics import Report
from flowbind_generator.reading import MOST_BYTES

from ..test_export import chunk, i_txt, t_ext, z_txt
from ..test_export import png as png_of
from .files import FILE, PROMPT, SAVED, SAVED_1, animated_png, as_bytes, only, png, webp
from .test_recognise import BODY, OURS, RUN

SAVED_TEXT, PROMPT_TEXT = json.dumps(SAVED), json.dumps(PROMPT)


def read(data: bytes) -> Found:
    report = Report(FILE)
    found = read_export(data, report)
    assert found is not None, list(map(str, report))
    assert not list(report)
    return found


def why(data: bytes, code: str) -> str:
    """Return the message of the one finding by which a file is refused."""
    report = Report(FILE)
    assert read_export(data, report) is None
    found = only(report, code)
    assert found.severity == "error"
    assert found.cure
    return found.message


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (SAVED, ("workflow", SAVED, ())),
        (SAVED_1, ("workflow", SAVED_1, ())),
        (PROMPT, ("prompt", PROMPT, ())),
        ({"prompt": PROMPT}, ("prompt", PROMPT, ("prompt",))),
        (BODY, ("workflow", SAVED, ("extra_data", "extra_pnginfo", "workflow"))),
        ({"workflow": SAVED, "output": PROMPT}, ("workflow", SAVED, ("workflow",))),
        ({"output": PROMPT}, ("prompt", PROMPT, ("output",))),
        ({"workflow": PROMPT}, ("prompt", PROMPT, ("workflow",))),
        ({"a": {"prompt": RUN}}, ("workflow", SAVED, ("a", "prompt", 3, "extra_pnginfo", "workflow"))),
        ({"a": {"prompt": RUN[:3]}}, ("prompt", PROMPT, ("a", "prompt", 2))),
        ({"queue_running": [], "queue_pending": [RUN[:3]]}, ("prompt", PROMPT, ("queue_pending", 0, 2))),
        ({"workflow": BODY}, ("workflow", SAVED, ("workflow", "extra_data", "extra_pnginfo", "workflow"))),
        ({"workflow": {"prompt": PROMPT}}, ("prompt", PROMPT, ("workflow", "prompt"))),
        ({"workflow": SAVED_TEXT}, ("workflow", SAVED, ("workflow",))),
        # The server keeps whatever a client posts with a prompt.
        (
            {"prompt": PROMPT, "extra_data": {"extra_pnginfo": {"workflow": {"nodes": []}}}},
            ("prompt", PROMPT, ("prompt",)),
        ),
    ],
)
def test_where_a_workflow_is_found(document: Any, found: Found) -> None:
    assert read(as_bytes(document)) == found


@pytest.mark.parametrize("picture", [png, animated_png, webp])
def test_a_picture_with_both_prefers_the_saved_workflow(picture: Any) -> None:
    assert read(picture(prompt=PROMPT_TEXT, workflow=SAVED_TEXT)) == ("workflow", SAVED, ("workflow",))
    assert read(picture(prompt=PROMPT_TEXT)) == ("prompt", PROMPT, ("prompt",))


@pytest.mark.parametrize("picture", [png, webp])
def test_a_picture_whose_workflow_is_broken_has_its_prompt(picture: Any) -> None:
    assert read(picture(prompt=PROMPT_TEXT, workflow="{")) == ("prompt", PROMPT, ("prompt",))
    assert read(picture(prompt=PROMPT_TEXT, workflow="[]")) == ("prompt", PROMPT, ("prompt",))
    assert "no valid JSON" in why(picture(workflow="{"), "FB101")
    assert "no workflow" in why(picture(workflow="[]"), "FB102")


@pytest.mark.parametrize("text", [t_ext, z_txt, i_txt])
def test_texts_of_all_kinds(text: Any) -> None:
    assert read(png_of(text("prompt", PROMPT_TEXT)))[0] == "prompt"


def test_letters_of_a_text_are_read_as_the_page_does() -> None:
    prompt = {"1": {"class_type": "A", "inputs": {"text": "Größe 🎨"}}}
    text = json.dumps(prompt, ensure_ascii=False)
    assert read(png_of(chunk(b"tEXt", b"prompt\0" + text.encode())))[1] == prompt
    assert read(webp(Prompt=json.dumps(prompt)))[1] == prompt
    assert read(png_of(i_txt("prompt", text, packed=True)))[1] == prompt
    old = {"1": {"class_type": "A", "inputs": {"text": "Größe"}}}
    assert read(png_of(t_ext("prompt", json.dumps(old, ensure_ascii=False))))[1] == old


def test_numbers_that_only_python_writes_are_null() -> None:
    data = PROMPT_TEXT.replace("64", "NaN").replace("32", "-Infinity")
    for file in (data.encode(), png(prompt=data), webp(prompt=data)):
        inputs = read(file)[1]["1"]["inputs"]
        assert (inputs["width"], inputs["height"]) == (None, None)
    assert (
        read(as_bytes({**PROMPT, "1": {"class_type": "A", "inputs": {"text": "NaN"}}}))[1]["1"]["inputs"]["text"]
        == "NaN"
    )


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "FB101", "empty"),
        (b" " * (MOST_BYTES + 1), "FB101", "more than 64 MiB"),
        (PROMPT_TEXT.encode("utf-16"), "FB101", "UTF-16 text"),
        (b'{"1": {"class_type": "\xff"}}', "FB101", "no UTF-8 text"),
        (b'{"class_type": ', "FB101", "no valid JSON"),
        (b'{"class_type": ' + b"[" * 100_000, "FB101", "nested too deeply"),
        (PROMPT_TEXT.replace("64", "1e999").encode(), "FB101", "too large a number"),
        (PROMPT_TEXT.replace("poster", "\\ud800").encode(), "FB101", "half a character"),
        (as_bytes({"workflow": '{"nodes": [], "links": ["\\ud800"]}'}), "FB101", "half a character"),
        (b"[]", "FB102", "no JSON object"),
        (b"{}", "FB102", "neither a list of nodes nor a prompt"),
        (as_bytes(OURS["two runs"]), "FB102", "holds 2 runs"),
        (as_bytes({"A": {"input": {}, "output": []}}), "FB102", "says of its node classes"),
        (png(), "FB102", "no workflow"),
        (webp(), "FB102", "no workflow"),
        (png(parameters="a cat"), "FB102", "no workflow"),
        (png_of(t_ext("prompt", "{}"))[:50], "FB101", "ends within a text"),
        (png_of(t_ext("prompt", "{}")[:-1] + b"?"), "FB101", "not the one that was written"),
        (png_of(chunk(b"zTXt", b"prompt\0\0xx")), "FB101", "damaged"),
        (png_of(chunk(b"iTXt", b"prompt\0\0\0\0\0\xff")), "FB101", "damaged"),
        (png_of(chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b" " * (MOST_BYTES + 1)))), "FB101", "too large"),
        (webp(workflow="x" * 99)[:-40], "FB101", "ends within its EXIF"),
    ],
)
def test_what_cannot_be_read(data: bytes, code: str, says: str) -> None:
    assert says in why(data, code)
    assert export_digest(data) is None


def riff(exif: bytes) -> bytes:
    body = b"WEBPVP8X\1\0\0\0\0\0" + b"EXIF" + struct.pack("<I", len(exif)) + exif
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_of_either_byte_order_with_the_mark_of_others(order: str) -> None:
    text = b"workflow:" + SAVED_TEXT.encode() + b"\0"
    head = b"II" if order == "<" else b"MM"
    directory = struct.pack(f"{order}HHHII", 1, 0x010F, 2, len(text), 26)
    exif = b"Exif\0\0" + head + struct.pack(f"{order}HI", 42, 8) + directory + b"\0" * 4 + text
    assert read(riff(exif))[:2] == ("workflow", SAVED)


@pytest.mark.parametrize(
    "exif", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", b"II*\0\x08\0\0\0\1\0" + b"\2" * 12]
)
def test_a_broken_exif(exif: bytes) -> None:
    report = Report(FILE)
    assert read_export(riff(exif), report) is None
    assert [found.code for found in report] in (["FB101"], ["FB102"])


@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPEXIF\x30\0\0\0II*\0\x08\0\0\0"]),
)
def test_any_bytes_are_read_or_refused(data: bytes, head: bytes) -> None:
    report = Report(FILE)
    assert (read_export(head + data, report) is None) == report.refused


def test_a_key_that_stands_twice_is_told_once() -> None:
    report = Report(FILE)
    data = as_bytes(SAVED).replace(b'"version": 0.4', b'"version": 0.4, "version": 0.4')
    assert read_export(data, report) is not None
    assert only(report, "FB107").severity == "warning"
    report = Report(FILE)
    assert read_export(png(workflow=data.decode()), report) is not None
    assert only(report, "FB107").severity == "warning"


def test_the_digest_is_that_of_the_workflow() -> None:
    assert export_digest(as_bytes(SAVED)) == export_digest(json.dumps(SAVED, indent=4, sort_keys=True).encode())
    assert export_digest(as_bytes(SAVED)) == export_digest(png(workflow=SAVED_TEXT))
    assert export_digest(as_bytes(SAVED)) != export_digest(as_bytes(SAVED | {"version": 0.5}))
    assert export_digest(shipped_document()) is None
