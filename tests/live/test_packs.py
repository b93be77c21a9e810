"""The made-up node pack on a real server: what it receives is what was saved, or what was set from Python."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.packs.packed import (
    EXPORTS,
    ROOT,
    SAVED,
    SCRIPTS,
    Package,
    Project,
    from_json,
    missing,
    saved_values,
    with_required,
)

from flowbind.invokeai import Image, InvokeAI, Result
from live_tools import Live, size_of


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A user's project with all exports, generated, and a program beside it."""
    made = Project.with_exports(tmp_path_factory.mktemp("packed") / "project", *EXPORTS)
    made.flowbind("generate")
    (made.root / "made.py").write_bytes((SCRIPTS / "made.py").read_bytes())
    return made


@pytest.fixture(scope="module")
def package(user: Project) -> Iterator[Package]:
    """What was generated, imported."""
    made = Package.of(user, "flowbind_packed_live")
    yield made
    made.forget()


@pytest.fixture(scope="module")
def server(packed: Live) -> Iterator[InvokeAI]:
    """A client of the server with the pack."""
    with InvokeAI(packed.url) as made:
        yield made


def maintainers_script() -> ModuleType:
    """Import the script that writes the checked-in document."""
    path = ROOT / "tests/maintain/pack_document.py"
    spec = importlib.util.spec_from_file_location("pack_document", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def echoed(result: Result[Any], *, node: str | None = None) -> dict[str, Any]:
    """Return what the nodes say that they received, by field."""
    told = [found[0] for name, found in result.nodes.items() if node in (None, name)]
    return {field: value for found in told for field, value in json.loads(found["value"]).items()}


def as_the_server_knows(value: Any, model: Mapping[str, str]) -> Any:
    """Return a value with the keys that models have on this server: they are looked up, inside objects, too."""
    if isinstance(value, list):
        return [as_the_server_knows(item, model) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("name") == model["name"] and "key" in value:
        return {**value, **model}
    return {key: as_the_server_knows(item, model) for key, item in value.items()}


def test_the_checked_in_document_is_what_the_server_gives(packed: Live) -> None:
    script = maintainers_script()
    version = packed.call("GET", "/api/v1/app/version")["version"]
    fresh = script.text_of(script.cut(packed.call("GET", "/openapi.json"), version))
    assert script.difference(script.stored_text(), fresh) == "", "run tests/maintain/pack_document.py"


def test_the_servers_own_document_gives_the_same_modules(packed: Live, user: Project, tmp_path: Path) -> None:
    made = Project.with_exports(tmp_path / "project", *EXPORTS)
    (made.root / "pyproject.toml").write_text("[tool.flowbind]\n", encoding="utf-8")
    made.flowbind("spec", "pull", packed.url)
    made.flowbind("generate")
    for path in (user.root / "generated").glob("*.py"):
        assert made.source(path.name) == path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("name", SAVED)
def test_saved_values_arrive(package: Package, server: InvokeAI, packed: Live, name: str) -> None:
    result = server.run(package.workflow(name)(), timeout=60)
    assert missing(echoed(result), as_the_server_knows(saved_values(name), packed.model)) == {}


def test_values_from_python_arrive(packed: Live, user: Project) -> None:
    told = json.loads(user.python("made.py", packed.url).stdout)
    assert len(told) >= len(SAVED)
    meant = {name: as_the_server_knows(run["meant"], packed.model) for name, run in told.items()}
    assert {name: wrong for name, run in told.items() if (wrong := missing(run["received"], meant[name]))} == {}


def test_a_workflow_without_values_runs_with_the_required_ones(
    package: Package, server: InvokeAI, packed: Live
) -> None:
    made, given = with_required(package.workflow("nothing_set"))
    meant = as_the_server_knows(given, packed.model)
    result = server.run(made, timeout=60)
    told = {node: echoed(result, node=node) for node in meant}
    assert {node: wrong for node, values in meant.items() if (wrong := missing(told[node], values))} == {}
    # The rest is filled by the server.
    assert told["curves"]["default_curve"]["points"] == [{"x": 0, "y": 0}, {"x": 1, "y": 1}]
    assert told["curves"]["second_curve"] is None


def test_an_edge_carries_an_object(package: Package, server: InvokeAI) -> None:
    result = server.run(package.workflow("wired")(), timeout=60)
    dot = {"points": [{"x": 0.25, "y": 0.25}]}
    received = echoed(result, node="curves")
    assert missing(received, {"curve": dot, "curves": [dot, dot]}) == {}


def test_outputs_are_typed_and_pictures_can_be_saved(package: Package, server: InvokeAI, tmp_path: Path) -> None:
    result = server.run(package.workflow("makers")(), timeout=60)
    slots = {(s.node, s.field): s.attribute for s in package.workflow("makers").__flowbind__.outputs}
    for end in (("picture", "image"), ("pictures", "before"), ("pictures", "after")):
        picture = getattr(result.outputs, slots[end])
        assert isinstance(picture, Image)
        assert size_of(picture.save(tmp_path).read_bytes()) == (16, 16)
    several = getattr(result.outputs, slots["album", "collection"])
    assert [isinstance(picture, Image) for picture in several] == [True, True]
    assert len(set(slots.values())) == len(slots)
    assert result.nodes["pictures"][0]["difference"] == 1.0
    values = {name: result.nodes[name][0]["value"] for name in ("count", "half", "negation", "shout")}
    assert values == {"count": 4, "half": 1.5, "negation": False, "shout": "QUIET"}
    assert result.nodes["words"][0]["collection"] == ["one", "two", "three"]
    assert result.nodes["curve_maker"][0]["curve"]["name"] == "Lift"


def test_a_picture_of_an_earlier_run_goes_into_an_object_and_into_a_union(package: Package, server: InvokeAI) -> None:
    result = server.run(package.workflow("makers")(), timeout=60)
    slots = {(s.node, s.field): s.attribute for s in package.workflow("makers").__flowbind__.outputs}
    picture = getattr(result.outputs, slots["picture", "image"])
    types: Any = package.field_types
    layer = types.Layer(picture=types.ImageField(image_name=picture.name))
    received = echoed(server.run(package.workflow("layers")(layer=layer), timeout=60))
    assert received["layer"]["picture"] == {"image_name": picture.name}
    unions = package.workflow("unions")
    value = from_json(unions, "picture_or_color", {"image_name": picture.name})
    received = echoed(server.run(unions(picture_or_color=value), timeout=60))
    assert received["picture_or_color"] == {"image_name": picture.name}


def test_the_command_runs_it(packed: Live, user: Project) -> None:
    done = user.flowbind("run", "makers", "--url", packed.url, "--out", "made")
    assert len(list((user.root / "made").iterdir())) == 5
    assert len(done.stdout.splitlines()) >= 5
    setting = 'tone_curve={"points": [{"x": 0.5, "y": 0.5}]}'
    user.flowbind("run", "curves", "--url", packed.url, "--set", setting)
