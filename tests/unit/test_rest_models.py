"""The REST models are fresh, and what a server answers never makes them raise."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from flowbind.invokeai import _rest

MAINTAIN = Path(__file__).resolve().parents[1] / "maintain" / "rest_models.py"

ITEM: dict[str, Any] = {
    "item_id": 7,
    "status": "completed",
    "status_sequence": 3,
    "priority": 0,
    "batch_id": "b-1",
    "session_id": "s-1",
    "created_at": "2026-11-21 03:42:44.330",
    "updated_at": "2026-11-21 03:42:45.001",
    "queue_id": "default",
    "user_id": "system",
    "session": {"id": "s-1", "results": {"n-1": {"type": "integer_output", "value": 3}}, "errors": {}},
}

IMAGE: dict[str, Any] = {
    "image_name": "a.png",
    "image_url": "api/v1/images/i/a.png/full",
    "thumbnail_url": "api/v1/images/i/a.png/thumbnail",
    "image_origin": "external",
    "image_category": "user",
    "width": 64,
    "height": 32,
    "created_at": "2026-11-21 03:42:44.330",
    "updated_at": "2026-11-21 03:42:44.330",
    "deleted_at": None,
    "is_intermediate": False,
    "session_id": None,
    "node_id": None,
    "starred": False,
    "has_workflow": False,
    "image_subfolder": "",
    "board_id": None,
}


@pytest.fixture(scope="module")
def maintain() -> ModuleType:
    """The maintainer's command, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("rest_models", MAINTAIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_module_is_fresh(maintain: ModuleType) -> None:
    pytest.importorskip("datamodel_code_generator")
    assert maintain.MODULE.read_text(encoding="utf-8") == maintain.fresh_text(), "run `make rest-models`"


def test_each_class_is_a_schema_of_the_document(maintain: ModuleType) -> None:
    # A class without one would be a helper that the tool made up for a nested object, under a name of its own.
    classes = {name for name, value in vars(_rest).items() if getattr(value, "__module__", "") == _rest.__name__}
    assert classes == maintain.prune(maintain.read_snapshot())["components"]["schemas"].keys()


def test_check_shows_the_difference_and_writes_nothing(
    maintain: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "_rest.py"
    stale.write_text("first\nold\n", encoding="utf-8")
    monkeypatch.setattr(maintain, "ROOT", tmp_path)
    monkeypatch.setattr(maintain, "MODULE", stale)
    monkeypatch.setattr(maintain, "fresh_text", lambda: "first\nnew\n")
    monkeypatch.setattr(sys, "argv", ["rest_models.py", "--check"])
    assert maintain.main() == 1
    assert capsys.readouterr().out.splitlines()[-2:] == ["-old", "+new"]
    assert stale.read_text(encoding="utf-8") == "first\nold\n"
    monkeypatch.setattr(sys, "argv", ["rest_models.py"])
    assert maintain.main() == 0
    assert stale.read_text(encoding="utf-8") == "first\nnew\n"


def test_a_snapshot_that_leads_to_the_nodes_is_refused(maintain: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    item = {"$ref": "#/components/schemas/Item"}
    reply = {"content": {"application/json": {"schema": item}}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "paths": {"/api/v1/queue/{queue_id}/current": {"get": {"responses": {"200": reply}}}},
        "components": {
            "schemas": {
                "Item": {"properties": {"node": {"$ref": "#/components/schemas/Node"}}},
                "Node": {"properties": {"id": {"type": "string"}}},
            }
        },
    }
    with pytest.raises(ValueError, match="no such schema to stub: Graph"):
        maintain.prune(document)
    monkeypatch.setattr(maintain, "STUBS", frozenset[str]())
    monkeypatch.setattr(maintain, "MOST_SCHEMAS", 1)
    with pytest.raises(ValueError, match="2 schemas are left"):
        maintain.prune(document)


def test_an_item_loads_although_the_server_leaves_nulls_out() -> None:
    item = _rest.QueueItem.model_validate(ITEM)
    assert item.session["results"]["n-1"]["value"] == 3
    assert item.created_at == "2026-11-21 03:42:44.330"
    assert (item.origin, item.error_type, item.error_message, item.error_traceback) == (None, None, None, None)
    assert (item.started_at, item.field_values, item.workflow) == (None, None, None)


def test_an_item_of_a_newer_server_loads() -> None:
    value = {"node_path": "n", "field_name": "f", "value": {"sound_name": "a.ogg"}}
    item = _rest.QueueItem.model_validate(
        ITEM | {"status": "paused", "moon_phase": {"waxing": True}, "field_values": [value], "origin": None}
    )
    assert item.status == "paused"
    assert item.field_values is not None
    assert item.field_values[0].value == {"sound_name": "a.ogg"}


@pytest.mark.parametrize("value", ["a", 1, 0.5, True, {"image_name": "a.png"}, [1, 2]])
def test_a_batch_value_keeps_its_type(value: object) -> None:
    loaded = _rest.NodeFieldValue.model_validate({"node_path": "n", "field_name": "f", "value": value}).value
    assert type(loaded) is type(value)
    assert loaded == value


def test_an_image_loads() -> None:
    image = _rest.ImageDTO.model_validate(IMAGE | {"image_category": "hologram", "depth": 3})
    assert (image.image_name, image.image_category, image.width) == ("a.png", "hologram", 64)
    assert image.board_id is None
    page = {"limit": 10, "offset": 0, "total": 1, "items": [IMAGE]}
    assert _rest.OffsetPaginatedResults_ImageDTO_.model_validate(page).items[0].height == 32


def test_the_counts_of_an_older_server_load() -> None:
    counts = dict.fromkeys(("pending", "in_progress", "completed", "failed", "canceled", "total"), 0)
    status = _rest.BatchStatus.model_validate({"queue_id": "default", "batch_id": "b-1"} | counts)
    assert status.waiting == 0


def test_a_reply_without_what_it_is_about_is_an_error() -> None:
    with pytest.raises(ValidationError, match="item_id"):
        _rest.QueueItem.model_validate({key: value for key, value in ITEM.items() if key != "item_id"})


def test_a_request_is_strict_and_sends_only_what_was_set() -> None:
    assert _rest.BoardChanges(archived=True).model_dump_json(exclude_unset=True) == '{"archived":true}'
    with pytest.raises(ValidationError, match="extra_forbidden"):
        _rest.BoardChanges.model_validate({"board_nmae": "x"})
    with pytest.raises(ValidationError, match="literal_error"):
        _rest.BoardChanges.model_validate({"board_visibility": "hidden"})
    with pytest.raises(ValidationError, match="too_long"):
        _rest.Body_star_images_in_list(image_names=["a.png"] * 1001)
