"""What only a submit can tell: drawn numbers, dynamic prompts, the pictures of a board, local files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

import flowbind
from flowbind.errors import BoardNotFound, ImageNotFound, InputError, Refused, ServerFault, UnexpectedReply
from flowbind.invokeai import UNSET, Image, InvokeAI

from .batches import DYNAMIC, GOLDEN, golden, items, posted, previewed, take
from .conftest import Runner
from .fake_server import ENQUEUE, PNG, FakeServer, as_json
from .test_images import UPLOAD, picture

NAMES = "/api/v1/boards/board-1/image_names"
IN = "/api/v1/images/i"
PROMPT = 'a {red|blue} "fox"\nat {dawn|noon}'


def prompts(*texts: str, error: str | None = None) -> Any:
    """Return the answer of the server that expands dynamic prompts."""
    return as_json({"prompts": list(texts), "error": error})


@pytest.fixture
def board(server: FakeServer) -> FakeServer:
    """A server with a board of three pictures, and the two masks of the workflow."""
    take(server)
    server.answer("GET", NAMES, as_json(["a.png", "b.png", "c.png"]))
    server.answer("GET", "/api/v1/boards/none/image_names", as_json(["free.png"]))
    for name in ("a", "b", "first", "second"):
        server.answer("GET", f"{IN}/{name}.png", as_json(picture(f"{name}.png")))
    server.answer("POST", UPLOAD, as_json(picture("new.png"), 201))
    return server


def named(*names: str) -> list[dict[str, str]]:
    return [{"image_name": name} for name in names]


def test_numbers_are_drawn_anew_at_each_submit(server: FakeServer) -> None:
    generators = golden("generators")
    take(server)
    instance = generators()
    with InvokeAI(server.url, check="off") as client:
        for _ in range(40):
            client.submit(instance)
    drawn = []
    for request in server.sent("POST", ENQUEUE):
        sizes, second, thrown = items(request.json["batch"])
        assert (sizes, second) == ([[8, 16, 24]], [[8, 16, 24]])
        first, same, amounts = thrown
        assert first == same  # one batch, two targets
        assert amounts == [0.25, 0.5]
        assert len(first) == 2
        drawn += first
    assert set(drawn) == {1, 2, 3, 4, 5, 6}
    assert instance.throws is UNSET


def test_a_list_takes_the_place_of_what_is_drawn(server: FakeServer, runner: Runner) -> None:
    take(server)
    runner.submit_batch(golden("generators")(throws=[60, 70]))
    assert items(posted(server))[2] == [[60, 70], [60, 70], [0.25, 0.5]]


def test_the_lists_of_a_group_must_fit_what_is_drawn(server: FakeServer, runner: Runner) -> None:
    with pytest.raises(InputError, match=r'Generators\.throws \("Throws"\) has 2, Generators\.amounts .* has 3'):
        runner.submit_batch(golden("generators")(amounts=[1.0, 2.0, 3.0]))
    assert server.requests == []


def test_the_server_expands_dynamic_prompts(server: FakeServer, runner: Runner) -> None:
    take(server)
    server.answer("POST", DYNAMIC, prompts("one", "two", "three"), prompts("x", "y"))
    runner.submit_batch(golden("prompts")())
    combinatorial, drawn = (r.json for r in server.sent("POST", DYNAMIC))
    assert combinatorial == {"prompt": PROMPT, "max_prompts": 3, "combinatorial": True}
    seed = drawn.pop("seed")
    assert 0 <= seed < 2**32
    assert drawn == {"prompt": "in {oil|chalk}", "max_prompts": 2, "combinatorial": False}
    assert items(posted(server)) == [[["one", "two", "three"]] * 2, [["x", "y"]]]


def test_a_list_of_prompts_asks_nothing(server: FakeServer, runner: Runner) -> None:
    take(server)
    runner.submit_batch(golden("prompts")(generator_type=["a {b|c}"], styles=["d"]))
    assert server.sent("POST", DYNAMIC) == []
    assert items(posted(server)) == [[["a {b|c}"]] * 2, [["d"]]]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        # The server's own answer to a prompt without its closing brace.
        (prompts("a {b", error="Expected end of text, found '{'  (at char 2), (line:1, col:3)"), "Expected end of"),
        (prompts(), "it gives nothing"),
    ],
)
def test_a_prompt_that_the_server_cannot_expand(server: FakeServer, runner: Runner, answer: Any, said: str) -> None:
    server.answer("POST", DYNAMIC, answer)
    with pytest.raises(InputError) as caught:
        runner.submit_batch(golden("prompts")())
    assert str(caught.value).startswith('Prompts.generator_type ("Generator Type"): the server cannot expand the')
    assert said in str(caught.value)
    assert not server.sent("POST", ENQUEUE)


@pytest.mark.parametrize("document", [{"detail": 5}, ["a"], None, {"prompts": "ab"}, {"prompts": [1], "error": None}])
def test_an_answer_without_prompts(server: FakeServer, runner: Runner, document: Any) -> None:
    server.answer("POST", DYNAMIC, as_json(document))
    with pytest.raises(UnexpectedReply, match=r"Prompts\.generator_type .* is no list of prompts"):
        runner.submit_batch(golden("prompts")())
    assert not server.sent("POST", ENQUEUE)


@pytest.mark.parametrize("document", [{"items": []}, None, "a.png", [1]])
def test_an_answer_without_pictures(board: FakeServer, runner: Runner, document: Any) -> None:
    board.answer("GET", NAMES, as_json(document))
    with pytest.raises(UnexpectedReply, match=r"Pictures\.generator_type .* is no list of names"):
        runner.submit_batch(golden("pictures")())
    assert not board.sent("POST")


def test_a_server_that_fails_to_expand_a_prompt(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", DYNAMIC, as_json({"detail": "Internal Server Error"}, 500))
    with pytest.raises(ServerFault):
        runner.submit_batch(golden("prompts")())
    found = {"type": "less_than_equal", "loc": ["body", "max_prompts"], "msg": "Input should be less than 10000"}
    server.answer("POST", DYNAMIC, as_json({"detail": [found]}, 422))
    with pytest.raises(Refused, match="less than 10000"):
        runner.submit_batch(golden("prompts")())
    assert not server.sent("POST", ENQUEUE)


@pytest.mark.parametrize("text", ["", "half \ud83d"])
def test_prompts_that_the_input_refuses_are_not_sent(server: FakeServer, runner: Runner, text: str) -> None:
    server.answer("POST", DYNAMIC, prompts("good", text), prompts("x"))
    take(server)
    if text:
        with pytest.raises(InputError, match=r"Prompts\.generator_type"):
            runner.submit_batch(golden("prompts")())
        assert not server.sent("POST", ENQUEUE)
    else:
        runner.submit_batch(golden("prompts")())
        assert items(posted(server))[0][0] == ["good", ""]


def test_the_pictures_of_a_board(board: FakeServer, runner: Runner) -> None:
    runner.submit_batch(golden("pictures")())
    (asked,) = board.sent("GET", NAMES)
    assert parse_qsl(asked.query) == [("categories", "general"), ("is_intermediate", "false")]
    # What a board lists is there: only the masks are looked for.
    assert [r.path for r in board.sent("GET", IN)] == [f"{IN}/first.png", f"{IN}/second.png"]
    assert items(posted(board)) == [[named("a.png", "b.png", "c.png")], [named("first.png", "second.png")]]


def changed(folder: Path, group: str = "None", **generator: str) -> Any:
    """Return the workflow with a board, its generator and its groups changed as another export would have them."""
    document = json.loads((GOLDEN / "pictures.json").read_text(encoding="utf-8"))
    board, *batches = (node["data"]["inputs"] for node in document["nodes"][:3])
    board["generator"]["value"] |= generator
    for inputs in batches:
        inputs["batch_group_id"]["value"] = group
    path = folder / "pictures.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return flowbind.load(path)


def test_the_assets_of_a_board(board: FakeServer, tmp_path: Path) -> None:
    with InvokeAI(board.url, check="off") as client:
        client.submit(changed(tmp_path, category="assets")())
    (asked,) = board.sent("GET", NAMES)
    kinds = [("categories", kind) for kind in ("control", "mask", "user", "other")]
    assert parse_qsl(asked.query) == [*kinds, ("is_intermediate", "false")]


def test_the_pictures_on_no_board(board: FakeServer, tmp_path: Path) -> None:
    with InvokeAI(board.url, check="off") as client:
        client.submit(changed(tmp_path, board_id="none")())
    assert not board.sent("GET", "/api/v1/boards/board-1")
    assert not [r for r in board.requests if r.path == "/api/v1/boards/"]
    assert items(posted(board))[0] == [named("free.png")]


def test_a_board_that_is_not_there(board: FakeServer, runner: Runner) -> None:
    board.answer("GET", "/api/v1/boards/", as_json([]))
    with pytest.raises(BoardNotFound, match=r'Pictures\.generator_type .* the server has no board "board-1"'):
        runner.submit_batch(golden("pictures")())
    assert not board.sent("POST")


def test_a_board_without_pictures(board: FakeServer, runner: Runner) -> None:
    board.answer("GET", NAMES, as_json([]))
    with pytest.raises(InputError, match=r'Pictures\.generator_type .* the board "board-1" has no images') as caught:
        runner.submit_batch(golden("pictures")())
    assert "Set the input, or put some on the board." in str(caught.value)
    assert not board.sent("POST")


def test_a_board_is_read_at_each_submit(board: FakeServer) -> None:
    with InvokeAI(board.url, check="off") as client:
        client.submit(golden("pictures")())
        board.answer("GET", NAMES, as_json(["c.png"]))
        client.submit(golden("pictures")())
    first, second = (items(r.json["batch"])[0] for r in board.sent("POST", ENQUEUE))
    assert (first, second) == ([named("a.png", "b.png", "c.png")], [named("c.png")])


def test_local_files_are_uploaded_once(board: FakeServer, runner: Runner, tmp_path: Path) -> None:
    one, same = tmp_path / "one.png", tmp_path / "same.png"
    one.write_bytes(PNG)
    same.write_bytes(PNG)
    runner.submit_batch(golden("pictures")(generator_type=[one, same, PNG, "a.png"], masks=[Image("b.png"), one]))
    assert len(board.sent("POST", UPLOAD)) == 1
    assert items(posted(board)) == [[named("new.png", "new.png", "new.png", "a.png")], [named("b.png", "new.png")]]
    (batch,) = (n for n in posted(board)["workflow"]["nodes"] if n["id"] == "masks")
    assert batch["data"]["inputs"]["images"]["value"] == named("b.png", "new.png")


def test_nothing_is_uploaded_for_lists_of_unequal_length(board: FakeServer, tmp_path: Path) -> None:
    pictures = changed(tmp_path, group="Group 1")
    with InvokeAI(board.url, check="off") as client, pytest.raises(InputError, match="must have one length"):
        client.submit(pictures(generator_type=[PNG], masks=[PNG, PNG]))
    assert board.requests == []


def test_the_lists_of_a_group_must_fit_a_board(board: FakeServer, tmp_path: Path) -> None:
    pictures = changed(tmp_path, group="Group 1")
    with (
        InvokeAI(board.url, check="off") as client,
        pytest.raises(InputError, match=r"has 3, Pictures\.masks .* has 2"),
    ):
        client.submit(pictures())
    assert board.sent("POST") == []


def test_a_picture_that_is_not_there_names_the_input(board: FakeServer, runner: Runner) -> None:
    with pytest.raises(ImageNotFound, match=r'Pictures\.masks \("Masks"\): the server has no image "gone.png"'):
        runner.submit_batch(golden("pictures")(masks=["first.png", "gone.png"]))
    assert not board.sent("POST")


def test_a_preview_asks_nobody(tmp_path: Path) -> None:
    batch = previewed(golden("pictures")(masks=[tmp_path / "x.png", b"12345", Image("c.png")]))
    board_, masks = items(batch)
    assert board_[0][0]["board_id"] == "board-1"
    assert masks == [named((tmp_path / "x.png").as_posix(), "<5 bytes>", "c.png")]
