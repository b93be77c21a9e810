"""Words, fields and gaps that no release has yet never make an answer raise: recorded answers, changed on their way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.behaviour.both_clients import Script, carry_out
from tests.behaviour.replaying_server import Change, ReplayingServer, kind_of

from flowbind.invokeai import StoredImage

_WORD = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_NAMES = re.compile(r"(^|_)(id|ids|name|names|key|hash|path|source|url|workflow|title|label|images|videos|boards)$")
_MAPS = {"loaded_model_sizes", "nodes", "inputs", "results", "errors", "source_prepared_mapping"}
"""Objects whose keys are names or ids, so that one more is no field."""
IMAGE, VIDEO = "d31441aa-547b-4337-8f17-f3dca737b6ac.png", "0889d760-f41a-4aea-9509-50ca2905c310.mp4"
BOARD, MODEL = "274c5a72-2a61-45c0-9fc8-4615e62b9042", "d633d309-3415-4ad7-9750-8e3d11385769"
WORKFLOW = "32bf91d7-93fb-49ea-b389-4f81d59c1a80"
SAVED: dict[str, Any] = {
    **dict.fromkeys(("author", "description", "version", "contact", "tags", "notes"), ""),
    "name": "mine",
    "nodes": [],
    "edges": [],
    "exposedFields": [],
    "meta": {"version": "3.0.0", "category": "user"},
}


def as_it_is(value: Any) -> Any:
    """Return an answer as it was recorded: what the other changes are measured by."""
    return value


def with_new_words(value: Any, key: str = "") -> Any:
    """Return an answer in which states, bases, types and the like are unheard of."""
    if isinstance(value, dict):
        return {name: with_new_words(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [with_new_words(item, key) for item in value]
    is_word = isinstance(value, str) and _WORD.fullmatch(value) and not _NAMES.search(key)
    return "unheard_of" if is_word else value


def with_new_fields(value: Any, key: str = "") -> Any:
    """Return an answer with a field more in each object."""
    if isinstance(value, dict):
        more = {} if key in _MAPS else {"brand_new": {"deep": [1, None, "x"]}}
        return {name: with_new_fields(item, name) for name, item in value.items()} | more
    return [with_new_fields(item, key) for item in value] if isinstance(value, list) else value


def without_nulls(value: Any) -> Any:
    """Return an answer without the keys that have no value, as the server itself leaves them out at times."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


async def queue(client: Any) -> list[Any]:
    """Ask all of a queue."""
    own = client.queue
    items = [await own.current(), await own.next(), await own.get(12), *await own.by_ids(21, 22)]
    rows = [item async for item in own.list()]
    counts = [await own.status(), await own.batch(BOARD), *await own.batches(), await own.counts("x")]
    changes = [await own.cancel(12), await own.cancel_batch(BOARD), await own.cancel_destination("x")]
    changes += [await own.cancel_all_except_current(), await own.delete(12), await own.delete_destination("dd")]
    changes += [await own.delete_all_except_current(), await own.clear(), await own.prune()]
    return [*items, *rows, *counts, *changes, await own.pause(), await own.resume()]


async def boards(client: Any) -> list[Any]:
    """Ask all of boards."""
    own = client.boards
    made = [*await own.list(), await own.get(BOARD), await own.by_name("rec board"), await own.create("rec board")]
    made += [await own.rename(BOARD, "other"), await own.update(BOARD, archived=True), await own.image_names(BOARD)]
    return [*made, *[image async for image in own.images(BOARD)], *[image async for image in own.uncategorized()]]


async def images(client: Any) -> list[Any]:
    """Ask all of pictures."""
    own = client.images
    told = [await own.get(IMAGE), *await own.names(), await own.metadata(IMAGE), await own.workflow(IMAGE)]
    told += [image async for image in own.list()] + [image async for image in own.search("x")]
    told += [await own.star(IMAGE), await own.update(IMAGE, category="mask"), await own.upload(b"\x89PNG")]
    return told


async def videos(client: Any) -> list[Any]:
    """Ask all of videos."""
    own = client.videos
    told = [await own.get(VIDEO), *await own.names(), await own.metadata(VIDEO), await own.upload(b"0000ftyp")]
    return told + [video async for video in own.list()]


async def models(client: Any) -> list[Any]:
    """Ask all of models."""
    own = client.models
    told = [*await own.list(), await own.get(MODEL), await own.by_hash("x"), await own.by_attributes("a", "b", "c")]
    told += [*await own.missing(), *await own.scan_folder("/srv"), await own.stats(), await own.hugging_face_login()]
    told += [*await own.installs(), await own.install_job(1), await own.update(MODEL, description="x")]
    return [*told, await own.reidentify(MODEL), await own.empty_cache(), await own.install("/srv/model")]


async def library(client: Any) -> list[Any]:
    """Ask all of the library."""
    own = client.library
    kept = await own.get(WORKFLOW)
    saved = await own.save(SAVED)
    return [*[entry async for entry in own.list()], kept, saved, await own.tags()]


@pytest.mark.parametrize("change", [as_it_is, with_new_words, with_new_fields, without_nulls])
@pytest.mark.parametrize("script", [queue, boards, images, videos, models, library])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_what_is_unheard_of_never_raises(kind: str, script: Script, change: Change) -> None:
    with ReplayingServer(change) as server:
        told = carry_out(kind, server.url, script, check="off", events=False)
    assert not server.unknown
    assert len(told) > 3


def test_what_is_unheard_of_is_kept() -> None:
    async def script(client: Any) -> tuple[StoredImage, Any]:
        return await client.images.get(IMAGE), await client.boards.get(BOARD)

    with ReplayingServer(lambda answer: with_new_fields(with_new_words(answer))) as server:
        image, board = carry_out("sync", server.url, script)
    assert image.category == "unheard_of"
    assert image.record["brand_new"] == {"deep": [1, None, "x"]}
    assert board.board_visibility == "unheard_of"
    assert board.model_extra == {"brand_new": {"deep": [1, None, "x"]}}


def test_all_that_is_recorded_is_asked_for() -> None:
    asked: set[tuple[str, str]] = set()
    # What is in no state that is known has not ended.
    for change in (as_it_is, with_new_words):
        with ReplayingServer(change) as server:
            for script in (queue, boards, images, videos, models, library):
                carry_out("sync", server.url, script, check="off", events=False)
            asked |= {(request.method, kind_of(request.path)) for request in server.requests}
    assert not {f"{method} {path}" for method, path in server.answers.keys() - asked if path != "/openapi.json"}
