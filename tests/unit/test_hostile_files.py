"""Files that strangers made to do harm: each ends in a finding that says what to do, and harms no other file."""

from __future__ import annotations

import gzip
import json
import os
import resource
import socket
import sys
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.invokeai import engine
from flowbind_generator.manifest import read_manifest
from flowbind_generator.project import find_project
from flowbind_generator.reading import MOST_BYTES, read_file
from flowbind_generator.strict_json import DEEPEST, MOST_VALUES

from . import projects
from .exports import as_bytes, codes, connector, edge, form, node, picture, read_catalog, workflow
from .projects import files, run
from .test_export import SIGNATURE, chunk, i_txt, png, z_txt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of POSIX")
SMALL = workflow(picture(width=64), form=form("p.width"))


def holding(value: bytes) -> bytes:
    """Return an export that has a value, given as JSON, somewhere."""
    return as_bytes({**SMALL, "extra": "@"}).replace(b'"@"', value)


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


BOMB = zlib.compress(b" " * (MOST_BYTES + 1), 9)
EXPORTS: Mapping[str, tuple[bytes, str, str]] = {
    "deep.json": (b"[" * 100_000, "FB101", "nested too deeply"),
    "deep_objects.json": (b'{"a":' * 100_000, "FB101", "nested too deeply"),
    "deep_for_us.json": (holding(nested(900)), "FB101", "nested too deeply"),
    "deep_by_one.json": (holding(nested(DEEPEST)), "FB101", "nested too deeply"),
    "deep_within.json": (as_bytes({"workflow": holding(nested(900)).decode()}), "FB101", "nested too deeply"),
    "values.json": (holding(b"[" + b"[]," * MOST_VALUES + b"1]"), "FB101", "more than 4,000,000 values"),
    "nan.json": (holding(b"NaN"), "FB101", "NaN is no JSON"),
    "infinity.json": (holding(b"-Infinity"), "FB101", "-Infinity is no JSON"),
    "large.json": (holding(b"1e400"), "FB101", "1e400 is too large"),
    "digits.json": (holding(b"1" + b"0" * 5000), "FB101", "too large a number"),
    "latin.json": (holding(b'"\xff"'), "FB101", "no UTF-8 text"),
    "utf16.json": (json.dumps(SMALL).encode("utf-16"), "FB101", "UTF-16 text"),
    "empty.json": (b"", "FB101", "empty"),
    "nothing.png": (b"", "FB101", "empty"),
    "text.png": (b"GIF89a", "FB101", "no valid JSON"),
    "twice.json": (
        as_bytes(SMALL).replace(b'"name": "A workflow"', b'"name": "B", "name": "C"'),
        "FB107",
        'The key "name" stands twice in one object',
    ),
    "bomb.png": (png(chunk(b"zTXt", b"invokeai_workflow\0\0" + BOMB)), "FB101", "a text chunk is too large"),
    "other_bombs.png": (png(*[chunk(b"iTXt", b"x%d\0\1\0\0\0" % i + BOMB) for i in range(50)]), "FB102", "no workflow"),
    "broken_deflate.png": (png(chunk(b"zTXt", b"invokeai_workflow\0\0xx")), "FB101", "PNG is damaged"),
    "no_utf8.png": (png(chunk(b"iTXt", b"invokeai_workflow\0\0\0\0\0\xff")), "FB101", "PNG is damaged"),
    "crc.png": (png(i_txt("invokeai_workflow", "{}")[:-1] + b"?"), "FB101", "not the one that was written"),
    "cut.png": (png(z_txt("invokeai_workflow", "x" * 999))[:80], "FB101", "ends within a text"),
    "size.png": (SIGNATURE + b"\x80\0\0\0tEXtinvokeai_workflow\0{}", "FB101", "ends within a text"),
    "signature.png": (SIGNATURE, "FB102", "no workflow"),
    f"{'x' * 220}.json": (as_bytes(SMALL), "FB510", "more than 200 bytes"),
    "loop.json": (
        as_bytes(workflow(node("a", "add"), node("b", "add"), edges=[edge("a.value", "b.a"), edge("b.value", "a.a")])),
        "FB302",
        "would close a cycle",
    ),
    "connectors.json": (
        as_bytes(
            workflow(picture(), connector("c"), connector("d"), edges=[edge("c.out", "d.in"), edge("d.out", "c.in")])
        ),
        "FB302",
        "would close a cycle",
    ),
}


@pytest.fixture
def bounded_memory() -> Any:
    """Let this process have no more than 3 GiB beside what it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (3 << 30), hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.usefixtures("bounded_memory")
def test_hostile_exports_are_told_one_by_one_and_the_others_are_written(project: Path) -> None:
    for name, (data, _, _) in EXPORTS.items():
        (project / "workflows" / name).write_bytes(data)
    result = run(project, "generate", code=1)
    told = result.stderr.splitlines()
    for name, (_, code, words) in EXPORTS.items():
        (at, *_) = [at for at, line in enumerate(told) if line.startswith(f"workflows/{name}")] or [-1]
        assert words in told[at], name
        assert f" {code}: " in told[at]
        assert told[at + 1].startswith("    ")
    made = {name.partition(".")[0] for name in files(project)} - {"__init__", "manifest", "py"}
    assert made == {"poster", "quiet", "twice", "loop", "connectors"}
    assert json.loads(projects.run(project, "check", "--format", "json", code=1).stdout)["findings"]


def kinds_of_files(folder: Path) -> None:
    """Make everything that has the name of an export and is none."""
    os.mkfifo(folder / "pipe.json")
    (folder / "gone.json").symlink_to("nowhere.json")
    (folder / "round.json").symlink_to("round.json")
    (folder / "zero.png").symlink_to("/dev/zero")
    (folder / ".#quiet.json").symlink_to("user@host.1234:56")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(os.path.relpath(folder / "socket.json"))
    with (folder / "huge.json").open("wb") as file:
        file.truncate(100 << 30)
    with (folder / "big.png").open("wb") as file:
        file.write(SIGNATURE)
        file.truncate(100 << 20)


@pytest.mark.timeout(60)
def test_what_is_no_file_holds_nothing_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    kinds_of_files(project / "workflows")
    (project / "workflows" / "folder.json").mkdir()
    (project / "workflows" / "folder.json" / "inner.json").write_bytes(as_bytes(SMALL))
    told = run(project, "generate", code=1).stderr
    for name in ("pipe.json", "gone.json", "round.json", "socket.json", "huge.json", "zero.png", "big.png"):
        assert f"workflows/{name}: error FB101: The file cannot be read (" in told
    assert ".#quiet" not in told
    assert (project / "generated" / "inner.py").exists()
    assert (project / "generated" / "quiet.py").exists()
    run(project, "check", "--fast", code=1)
    run(project, "check", code=1)
    for path in ("pipe.json", "zero.png"):
        assert "FB101" in run(project, "inspect", f"workflows/{path}", code=2).stderr
    # Known to the manifest, and replaced since.
    (project / "workflows" / "quiet.json").unlink()
    os.mkfifo(project / "workflows" / "quiet.json")
    for words in (["check", "--fast"], ["check"], ["generate"]):
        run(project, *words, code=1)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["pipe", "endless", "folder", "gone", "round"])
def test_a_document_that_is_no_file(project: Path, kind: str) -> None:
    path = project / "workflows" / "openapi.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to({"endless": "/dev/zero", "gone": "nowhere", "round": "openapi.json"}[kind])
    before = files(project)
    for words in (["generate"], ["generate", "--spec", str(path)], ["check"]):
        assert "error FB401: The server's document cannot be read (" in run(project, *words, code=2).stderr
    run(project, "check", "--fast", code=1)
    assert files(project) == before


def test_a_name_that_is_no_text(project: Path) -> None:
    name = b"caf\xe9.json"
    try:
        Path(os.fsdecode(os.fsencode(project / "workflows") + b"/" + name)).write_bytes(as_bytes(SMALL))
    except OSError:
        return  # this file system has no such names
    told = run(project, "generate", code=1).stderr
    assert "workflows/caf\\udce9.json: error FB510: The name of the file is no UTF-8 text." in told
    for form_ in ("json", "github", "sarif", "junit", "text"):
        assert "FB510" in run(project, "check", "--format", form_, code=1).stdout


def test_names_that_windows_has_taken_and_names_that_differ_in_case(project: Path) -> None:
    for name in ("con.json", "AUX.json", "Lpt1.json", "Quiet.JSON"):
        (project / "workflows" / name).write_bytes(as_bytes(SMALL))
    told = run(project, "generate", code=1).stderr
    assert "workflows/Quiet.JSON: error FB501" in told
    assert {"con_.py", "aux_.py", "lpt1_.py"} <= files(project).keys()


def test_links_to_exports_are_exports_of_their_own(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_bytes(as_bytes(SMALL))
    (project / "workflows" / "far.json").symlink_to(outside)
    (project / "workflows" / "near.json").symlink_to("quiet.json")
    run(project, "generate")
    assert {"workflows/far.json", "workflows/near.json", "workflows/quiet.json"} < read_manifest(
        project / "generated"
    ).workflows.keys()
    run(project, "check")
    assert str(tmp_path) not in (project / "generated" / "manifest.json").read_text()


LINKS: Mapping[str, Callable[[Path, Path], None]] = {
    "a module": lambda made, victim: swapped(made / "quiet.py", victim),
    "a graph": lambda made, victim: swapped(made / "quiet.graph.json", victim),
    "the manifest": lambda made, victim: swapped(made / "manifest.json", victim),
    "a module that is not there yet": lambda made, victim: (made / "third.py").symlink_to(victim),
    "a module to nowhere": lambda made, victim: (made / "third.py").symlink_to(victim.parent / "nowhere"),
    "a module in a circle": lambda made, _: (made / "third.py").symlink_to("third.py"),
}


def swapped(path: Path, victim: Path) -> None:
    """Put a link in the place of a file that has the same bytes."""
    path.replace(victim)
    path.symlink_to(victim)


@pytest.mark.parametrize("kind", LINKS)
def test_nothing_is_written_or_deleted_through_a_link(project: Path, tmp_path: Path, kind: str) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    (project / "workflows" / "third.json").write_bytes(as_bytes(SMALL))
    LINKS[kind](project / "generated", victim)
    before = victim.read_bytes(), files(project), sorted(tmp_path.iterdir())
    told = run(project, "generate", code=2).stderr
    assert "error FB502" in told
    assert "is a link (to " in told
    for name in ("poster", "quiet"):
        (project / "workflows" / f"{name}.json").unlink()
    run(project, "generate", code=2)
    assert (victim.read_bytes(), files(project), sorted(tmp_path.iterdir())) == before


def test_an_output_folder_that_is_a_link(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (project / "generated").rename(outside)
    before = files(tmp_path, "outside")
    (project / "generated").symlink_to(outside)
    (project / "workflows" / "quiet.json").unlink()
    assert "generated is a link (to" in run(project, "generate", code=2).stderr
    projects.set_up(project, 'output = "inner/made"\n')
    (project / "inner").symlink_to(outside)
    assert "output leads elsewhere by a link" in run(project, "generate", code=2).stderr
    assert files(tmp_path, "outside") == before
    assert not list(outside.glob("made"))


def in_manifest(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        document = json.loads(data)
        change(document)
        return json.dumps(document).encode()

    return changed


def of_quiet(**values: Any) -> Callable[[bytes], bytes]:
    return in_manifest(lambda m: m["workflows"]["workflows/quiet.json"].update(values))


MANIFESTS: Mapping[str, Callable[[bytes], bytes]] = {
    "a file above": of_quiet(files={"../victim": "0"}),
    "a file anywhere": of_quiet(files={"/tmp/victim": "0"}),
    "a file of windows": of_quiet(files={"C:victim": "0"}),
    "a file that flowbind never writes": of_quiet(files={"victim": "0"}),
    "a file of another module": of_quiet(files={"poster.py": "0"}),
    "the folder itself": of_quiet(files={".": "0"}),
    "a package file": in_manifest(lambda m: m["package_files"].update({"victim": "0"})),
    "a package file above": in_manifest(lambda m: m["package_files"].update({"../victim": "0"})),
    "a module above": of_quiet(module="../victim"),
    "a module of two lines": of_quiet(module="a\nb"),
    "a class that is code": of_quiet(class_name="A:\n  import os"),
    "a source that no file has": in_manifest(
        lambda m: m["workflows"].update({"a\0b": m["workflows"]["workflows/quiet.json"]})
    ),
    "inputs that are none": of_quiet(inputs=5),
    "files that are none": of_quiet(files=None),
    "workflows that are none": in_manifest(lambda m: m.update(workflows=[1])),
    "a version that is none": in_manifest(lambda m: m.update(manifest_version=[])),
    "infinity": lambda data: data.replace(b'"manifest_version": 4', b'"manifest_version": 1e999'),
    "digits": lambda data: data.replace(b'"manifest_version": 4', b'"manifest_version": ' + b"9" * 5000),
    "depth": lambda data: data.replace(b'"manifest_version": 4', b'"manifest_version": ' + nested(900)),
    "endless depth": lambda _: b"[" * 100_000,
    "a list": lambda _: b"[]",
    "nothing": lambda _: b"",
    "no text": lambda _: b"\xff\xfe\xfd",
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_hostile_manifest_is_refused(project: Path, kind: str) -> None:
    path = project / "generated" / "manifest.json"
    (project / "victim").touch()
    (project / "generated" / "victim").touch()
    path.write_bytes(MANIFESTS[kind](path.read_bytes()))
    before = files(project)
    for words in (["generate"], ["check", "--fast"], ["check"], ["generate", "--frozen"]):
        told = run(project, *words, code=2).stderr
        assert "generated/manifest.json: error FB502: The manifest cannot be read: " in told
        assert "Restore it from version control, or delete it." in told
    assert files(project) == before
    assert (project / "victim").exists()


SETTINGS: Mapping[str, bytes] = {
    "depth": b"a = " + b"[" * 100_000,
    "closed depth": b"a = " + nested(5_000),
    "digits": b"a = " + b"9" * 5000,
    "no text": b'a = "\xff"',
    "nothing in a path": b'[tool.flowbind]\noutput = "a\\u0000b"\n',
    "a list": b"[[tool.flowbind]]\n",
    "much": b"#" * (5 << 20),
    "a path that is none": b"[tool.flowbind]\nspec = {}\n",
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_hostile_settings_are_refused(project: Path, kind: str) -> None:
    (project / "pyproject.toml").write_bytes(SETTINGS[kind])
    before = files(project)
    with pytest.raises(Refused) as caught:
        find_project(project)
    assert codes(caught.value.report) == ["FB504"]
    assert "FB504" in run(project, "generate", code=2).stderr
    assert files(project) == before


DOCUMENTS: Mapping[str, bytes] = {
    "depth": b"[" * 100_000,
    "depth for us": b'{"components": ' + nested(900) + b"}",
    "digits": b'{"a": ' + b"9" * 5000 + b"}",
    "infinity": b'{"a": 1e400}',
    "no number": b'{"a": NaN}',
    "no text": b'{"a": "\xff"}',
    "values": b"[" + b"[]," * MOST_VALUES + b"1]",
    "a bomb": gzip.compress(b" " * (MOST_BYTES + 1)),
    "half a file": gzip.compress(b"{}")[:-4],
    "a damaged file": b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 40,
    "nothing": b"",
    "info that is none": b'{"info": [], "components": {"schemas": 5}}',
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_hostile_document_is_refused(kind: str) -> None:
    report = Report("openapi.json")
    assert read_catalog(DOCUMENTS[kind], report) is None
    assert codes(report) == ["FB401"]


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def chain(length: int, link: Callable[[dict[str, str]], Any]) -> dict[str, Any]:
    """Return schemas each of which leads to the next."""
    return {f"S{i}": link(ref(f"S{i + 1}")) for i in range(length)} | {f"S{length}": {"type": "integer"}}


SCHEMAS: Mapping[str, dict[str, Any]] = {
    "itself": {"S0": ref("S0")},
    "each other": {"S0": ref("S1"), "S1": ref("S0")},
    "all of itself": {"S0": {"allOf": [ref("S0"), {"type": "integer"}]}},
    "a list of itself": {"S0": {"type": "array", "items": ref("S0")}},
    "an object of itself": {"S0": {"type": "object", "properties": {"a": ref("S0")}}},
    "a long way": chain(3000, lambda to: {"anyOf": [to]}),
    "a long way of all": chain(3000, lambda to: {"allOf": [to]}),
    "a long way of lists": chain(3000, lambda to: {"type": "array", "items": to}),
    "a long way of objects": chain(300, lambda to: {"type": "object", "properties": {"a": to}}),
    "doubled": chain(40, lambda to: {"anyOf": [to, {"type": "array", "items": to}]}),
    "doubled objects": chain(40, lambda to: {"type": "object", "properties": {"a": to, "b": to}}),
    "doubled all": chain(40, lambda to: {"allOf": [to, to]}),
    "doubled tuples": chain(8, lambda to: {"type": "array", "minItems": 0, "prefixItems": [to] * 30}),
    "nowhere": {"S0": ref("Nobody")},
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", SCHEMAS)
def test_schemas_that_lead_on_and_on_have_an_end(kind: str) -> None:
    made = {"class": "invocation", "properties": {"type": {"const": "made"}, "x": {**ref("S0"), "input": "any"}}}
    made |= {"output": ref("Out")}
    out = {"class": "output", "properties": {"value": ref("S0"), "type": {"const": "out"}}}
    document = {"components": {"schemas": {**SCHEMAS[kind], "Made": made, "Out": out}}}
    report = Report("openapi.json")
    catalog = read_catalog(json.dumps(document).encode(), report)
    assert catalog is not None
    export = workflow(node("n", "made", {"x": {"a": 1}}, visible=True), form=form("n.x"))
    told = Report("a.json")
    draft = engine.draft(as_bytes(export), catalog, told)
    assert (draft is None) == told.refused


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 9)
    assert read_file(path, 9) == b"x" * 9
    with pytest.raises(OSError, match="more than 0 MiB"):
        read_file(path, 8)
