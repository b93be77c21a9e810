"""Files on their way to a ComfyUI and back: names, each content once, and nothing that is no file."""

from __future__ import annotations

import copy
import os
import pickle
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.fidelity.pictures import grey

from flowbind.comfyui import Audio, ComfyUI, File, Image, Model3D, Video
from flowbind.comfyui.transfers import uploads
from flowbind.errors import (
    ConnectionBroken,
    InputError,
    NotTheApi,
    Refused,
    ServerFault,
    StoredFileNotFound,
    UnexpectedReply,
)
from flowbind.place import Place
from flowbind.transport import bounds, uploaded

from ..both_clients import Script
from ..fake_server import HANG_UP, PNG, Answer, as_json
from .parts import FilesServer, carry_out, form

UPLOAD, VIEW = "/upload/image", "/view"
PLACE = Place('Made, `picture` ("Load Image")', True)
OTHER = PNG[:-1] + b"!"


@pytest.fixture
def server() -> Iterator[FilesServer]:
    """Yield a server that keeps files."""
    with FilesServer() as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def carried(server: FilesServer, request: pytest.FixtureRequest) -> Callable[[Script], Any]:
    """What carries a script out with both clients."""
    return lambda script: carry_out(request.param, server.url, script)


@pytest.fixture
def client(server: FilesServer) -> Iterator[ComfyUI]:
    """Yield the sync handles of the server."""
    with ComfyUI(server.url, events=False) as opened:
        yield opened


def resolve(client: ComfyUI, content: Path | bytes, kind: str = "image") -> str:
    """Return what nodes call a content that is given to an input."""
    return client.perform(client._known.files.resolve(content, PLACE, kind))


# Uploads.

NAMES = {
    "my pic.png": "my pic.png",
    "Größe 猫.png": "Größe 猫.png",
    "a%20b;c=d.png": "a%20b;c=d.png",
    "x [output].png": "x [output].png",
    "x.png [output]": "x.png [output] [input]",
    "x.png[temp]": "x.png[temp] [input]",
    'say "hi".png': "say _hi_.png",
    "back\\slash.png": "back_slash.png",
    "new\r\nline.png": "new__line.png",
    "a..b.png": "a_b.png",
    "aux.png": "_aux.png",
    " a.png": "a.png",
    "\udcff.png": "_.png",
}


@pytest.mark.parametrize("where", ["stand-in", "real"])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_arrives_under_its_name(request: pytest.FixtureRequest, tmp_path: Path, name: str, where: str) -> None:
    if where == "real" and "COMFYUI_URL" not in os.environ:
        pytest.skip("COMFYUI_URL names no server")
    path = tmp_path / name
    try:
        path.write_bytes(PNG)
    except (OSError, ValueError):
        pytest.skip("this system takes no such names")
    url = os.environ["COMFYUI_URL"] if where == "real" else request.getfixturevalue("server").url
    with ComfyUI(url, events=False) as client:
        file = client.files.upload(path, Image, subfolder="flowbind names", overwrite=True)
        assert file == Image.parse(f"flowbind names/{NAMES[name]}")
        assert file.bytes() == PNG


def test_the_form_is_what_the_editor_sends(server: FilesServer, carried: Callable[[Script], Any]) -> None:
    async def script(client: Any) -> Any:
        return await client.files.upload(PNG, name="ä b.png", subfolder="sub dir/März", type="temp", overwrite=True)

    assert carried(script) == Image("ä b.png", "sub dir/März", "temp")
    assert form(server.sent("POST", UPLOAD)[0]) == {
        "type": (None, "text/plain", b"temp"),
        "subfolder": (None, "text/plain", "sub dir/März".encode()),
        "overwrite": (None, "text/plain", b"true"),
        "image": ("ä b.png", "image/png", PNG),
    }


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        (PNG, Image, ".png"),
        (b"RIFF\0\0\0\0WAVEfmt ", Audio, ".wav"),
        (b"\0\0\0\x18ftypisom", Video, ".mp4"),
        (b"glTF\2\0\0\0", Model3D, ".glb"),
        (b"something else", File, ""),
    ],
)
def test_bytes_are_called_by_their_digest_and_kind(
    server: FilesServer, carried: Callable[[Script], Any], content: bytes, kind: type[File], suffix: str
) -> None:
    async def script(client: Any) -> list[Any]:
        return [await client.files.upload(content), await client.files.upload(BytesIO(content))]

    first, second = carried(script)
    assert first == second
    assert type(first) is kind
    assert re.fullmatch(rf"[0-9a-f]{{20}}{re.escape(suffix)}", first.filename)
    assert len(server.sent("POST", UPLOAD)) == 1


def test_what_is_called_the_same_and_is_not_gets_the_servers_name(client: ComfyUI) -> None:
    assert client.files.upload(PNG, name="a.png") == Image("a.png")
    other = client.files.upload(OTHER, name="a.png")
    assert other == Image("a (1).png")
    assert other.bytes() == OTHER


def test_an_input_is_uploaded_once_and_not_believed_for_ever(
    server: FilesServer, client: ComfyUI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    assert [resolve(client, path), resolve(client, PNG)] == ["a.png", "a.png"]
    assert (len(server.sent("POST")), len(server.sent("GET"))) == (1, 0)
    monkeypatch.setattr(uploaded, "_TRUSTED", 0.0)
    assert resolve(client, path) == "a.png"
    assert (len(server.sent("POST")), len(server.sent("GET", VIEW))) == (1, 1)
    # One byte of it is enough.
    assert server.sent("GET", VIEW)[0].headers["range"] == "bytes=0-0"
    # An empty file has none.
    empty = Answer(b"", 416, "text/plain", headers={"content-range": "bytes */0"})
    changes: list[Callable[[], Any]] = [
        server.held.clear,
        lambda: server.held.update({("input", "", "a.png"): b"shorter"}),
        lambda: server.answer("GET", VIEW, empty),
    ]
    for change in changes:
        change()
        again = resolve(client, path)
        assert server.held["input", "", again] == PNG
    assert len(server.sent("POST")) == 4


def test_what_ends_otherwise_is_another_upload(client: ComfyUI, tmp_path: Path) -> None:
    for name in ("a.bin", "a.PNG", "b.png"):
        (tmp_path / name).write_bytes(PNG)
    assert [resolve(client, tmp_path / name) for name in ("a.bin", "a.PNG", "b.png")] == ["a.bin", "a.PNG", "a.PNG"]
    assert resolve(client, b"glTF\2\0\0\0", "model_3d").startswith("3d/")


def test_what_was_overwritten_is_that_content_no_longer(server: FilesServer, client: ComfyUI) -> None:
    client.files.upload(PNG, name="a.png")
    client.files.upload(OTHER, name="a.png", overwrite=True)
    assert server.held["input", "", resolve(client, PNG)] == PNG


def test_a_file_that_is_larger_than_the_server_takes(
    server: FilesServer, client: ComfyUI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    monkeypatch.setattr(uploads, "_LARGE", 0)
    server.answer("GET", "/features", as_json({"max_upload_size": 1 << 17}))
    with pytest.raises(InputError, match=r"^Made, `picture` .*a\.png' has 0\.3 MiB, and the server takes 0\.1 MiB"):
        resolve(client, path)
    assert not server.sent("POST")
    for features in (Answer(b"", 404), as_json([]), as_json({"max_upload_size": "1"})):
        server.answer("GET", "/features", features)
        server.answer("POST", UPLOAD, Answer(b"Maximum request body size exceeded", 413, "text/plain"))
        with pytest.raises(InputError, match=r"Made, `picture` .*more than the server takes.*--max-upload-size"):
            resolve(client, path)


def test_errors_name_the_input(server: FilesServer, client: ComfyUI, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^Made, `picture` .*'.*none\.png' cannot be read \(No such file"):
        resolve(client, tmp_path / "none.png")
    with pytest.raises(InputError, match=r"^Made, `picture` .*There is nothing in the given bytes\.$"):
        resolve(client, b"")
    server.answer("POST", UPLOAD, Answer(b"", 400, "application/octet-stream"))
    with pytest.raises(InputError, match=r"^Made, `picture` .*The server does not take the given bytes"):
        resolve(client, PNG)
    with pytest.raises(Refused, match="The server does not take the given bytes"):
        client.files.upload(PNG)
    server.answer("POST", UPLOAD, Answer(b"500 Internal Server Error", 500, "text/plain"))
    with pytest.raises(ServerFault):
        resolve(client, PNG)


def test_a_connection_that_breaks_while_it_is_sent(server: FilesServer, carried: Callable[[Script], Any]) -> None:
    server.answer("POST", UPLOAD, HANG_UP)

    async def script(client: Any) -> None:
        await client.files.upload(PNG)

    with pytest.raises(ConnectionBroken, match=r"Sending the given bytes: .*may hang up before it has all of it"):
        carried(script)
    # It may be there: it is not sent again.
    assert len(server.sent("POST")) == 1


@pytest.mark.parametrize(
    "told",
    [
        *(None, [], "a.png", {}, {"name": 1}, {"name": "../a.png"}, {"name": "a.png", "subfolder": {}}),
        *({"name": "a.png", "type": []}, {"name": "a.png", "type": "etc"}, {"name": ""}),
    ],
)
def test_an_odd_answer_is_no_file(server: FilesServer, carried: Callable[[Script], Any], told: object) -> None:
    server.answer("POST", UPLOAD, as_json(told))

    async def script(client: Any) -> None:
        await client.files.upload(PNG)

    with pytest.raises(UnexpectedReply, match="does not say what it calls the file"):
        carried(script)


@pytest.mark.parametrize(
    "place",
    [
        *({"subfolder": "../x"}, {"subfolder": "/x"}, {"subfolder": "a//b"}, {"name": "a/b"}, {"name": "a\r\nb"}),
        *({"name": ".."}, {"name": "a..b"}, {"name": "x" * 300}, {"name": "\ud800"}, {"type": "etc"}),
    ],
)
def test_a_place_that_not_every_server_has(server: FilesServer, client: ComfyUI, place: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="A file cannot be uploaded"):
        client.files.upload(PNG, **place)
    assert not server.requests


def test_a_mask_makes_another_picture(server: FilesServer, carried: Callable[[Script], Any]) -> None:
    server.answer("POST", "/upload/mask", as_json({"name": "masked.png", "subfolder": "", "type": "input"}))
    server.held["input", "", "masked.png"] = OTHER

    async def script(client: Any) -> Any:
        return await client.files.upload_mask(PNG, Image("a.png", "sub", "output"), name="masked.png")

    image = carried(script)
    assert image == Image("masked.png")
    assert form(server.sent("POST")[0])["original_ref"][2] == (
        b'{"filename": "a.png", "subfolder": "sub", "type": "output"}'
    )
    # A real server says so, too, where it has no such picture.
    server.held.clear()
    with pytest.raises(StoredFileNotFound, match=r"no picture of 'sub/a\.png \[output\]' and a mask"):
        carried(script)


# Downloads.


def test_a_file_is_saved(server: FilesServer, carried: Callable[[Script], Any], tmp_path: Path) -> None:
    server.held["output", "sub", "ComfyUI_00001_.png"] = PNG

    async def script(client: Any) -> list[Any]:
        file = Image("ComfyUI_00001_.png", "sub", "output")
        kept = await client.files.save(file, tmp_path / "new" / "b.png")
        own = await client.files.save(file.name, f"{tmp_path}/")
        return [kept, own, await client.files.bytes(file)]

    assert carried(script) == [tmp_path / "new" / "b.png", tmp_path / "ComfyUI_00001_.png", PNG]
    assert [path.read_bytes() for path in (tmp_path / "new" / "b.png", tmp_path / "ComfyUI_00001_.png")] == [PNG, PNG]


def test_a_file_knows_where_it_came_from(client: ComfyUI, tmp_path: Path) -> None:
    file = client.files.upload(grey(8, 128), Image, name="a.png")
    assert file.open().size == (8, 8)
    assert file.save(tmp_path) == tmp_path / "a.png"
    for other in (pickle.loads(pickle.dumps(file)), Image("a.png")):
        assert other == file
        with pytest.raises(TypeError, match=r"^Image 'a\.png' was not made by a client: use `server\.files\.save"):
            other.bytes()
    assert copy.deepcopy(file).source is file.source
    assert "source" not in repr(file)


def test_what_is_no_picture_is_not_opened(server: FilesServer, carried: Callable[[Script], Any]) -> None:
    server.held["input", "", "a.txt"] = b"no picture"

    async def script(client: Any) -> None:
        await client.files.open("a.txt")

    with pytest.raises(UnexpectedReply, match="Pillow cannot read"):
        carried(script)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer(b"", 404, "application/octet-stream"), StoredFileNotFound, r"has no file 'a\.png \[output\]'"),
        (Answer(b"", 400, "application/octet-stream"), StoredFileNotFound, "leads out of the folder"),
        (Answer(b"", 403, "application/octet-stream"), StoredFileNotFound, "leads out of the folder"),
        (Answer(b"<html>login", 200, "text/html; charset=utf-8"), NotTheApi, "a web page instead of a file"),
        (Answer(b"<html/>", 200, "application/xhtml+xml"), NotTheApi, "a web page instead of a file"),
        (Answer(b"<html>", 404, "text/html"), NotTheApi, "a web page"),
        (Answer(b"", 302, "text/plain", headers={"location": "/login"}), UnexpectedReply, "instead of a file"),
        (Answer(b"oh", 500, "text/plain"), ServerFault, "HTTP 500"),
    ],
)
def test_what_is_no_file_is_not_saved(
    server: FilesServer,
    carried: Callable[[Script], Any],
    tmp_path: Path,
    answer: Answer,
    error: type[Exception],
    words: str,
) -> None:
    server.answer("GET", VIEW, answer)

    async def saving(client: Any) -> None:
        await client.files.save("a.png [output]", tmp_path / "b.png")

    async def reading(client: Any) -> None:
        await client.files.bytes("a.png [output]")

    for script in (saving, reading):
        with pytest.raises(error, match=words):
            carried(script)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "name", ["a.latent", "a.GLB", "a.flac", "a.json", "a.webm", "a.safetensors", "a.zip", "ä b.svg"]
)
def test_a_folder_takes_what_runs_leave_behind(server: FilesServer, client: ComfyUI, tmp_path: Path, name: str) -> None:
    server.held["output", "", name] = b"content"
    assert client.files.save(f"{name} [output]", tmp_path) == tmp_path / name


@pytest.mark.parametrize("name", [".bashrc", "a.py", "a.html", "a", "..\\a.png", "con.png", "a.png\n.exe", "a.ckpt"])
def test_a_folder_takes_no_other_names(server: FilesServer, client: ComfyUI, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnexpectedReply, match="is no file name; give a file to save to"):
        client.files.save(File(name, type="output"), tmp_path)
    assert not server.requests


def test_a_text_of_somebody_elses_is_not_replaced(server: FilesServer, client: ComfyUI, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"mine")
    server.held["output", "", "requirements.txt"] = b"theirs"
    with pytest.raises(UnexpectedReply, match="a text that is here already"):
        client.files.save("requirements.txt [output]", tmp_path)
    client.files.save("requirements.txt [output]", tmp_path / "requirements.txt")
    assert (tmp_path / "requirements.txt").read_bytes() == b"theirs"


def test_a_name_that_no_request_can_hold(client: ComfyUI) -> None:
    with pytest.raises(StoredFileNotFound, match="No server can have a file"):
        client.files.bytes(File("\ud800.png"))


def test_what_a_download_holds_may_be_large_whatever_its_type(
    server: FilesServer, client: ComfyUI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LARGEST_DOCUMENT", 100)
    server.held["output", "", "a.latent"] = PNG
    assert client.files.bytes("a.latent [output]") == PNG
