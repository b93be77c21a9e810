"""What is imported when: a script that imports a generated class must not pay for what it does not use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = {"flowbind_generator", "jinja2", "click", "ruff"}
HTTP = {"httpx", "httpcore", "ssl"}


def imported_by(code: str) -> set[str]:
    """Run code in a fresh interpreter; return the names of all modules that it has imported in the end."""
    tail = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code + tail],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))} | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def packages(modules: set[str]) -> set[str]:
    """Return the outermost packages of modules."""
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("code", ["import flowbind.invokeai", "from generated import Poster", "import flowbind.errors"])
def test_importing_needs_neither_generator_nor_http(code: str) -> None:
    assert packages(imported_by(code)) & (GENERATOR | HTTP) == set()


FAMILIES = {
    "invokeai": ("InvokeAI", "Poster", "from flowbind.invokeai.runs.preview import preview"),
    "comfyui": ("ComfyUI", "ComfyTextToImage", "from flowbind.comfyui.preview import preview"),
}
"""By the name of a family's package, its client, a class, and what gives a preview of what would be posted."""


@pytest.mark.parametrize(("family", "client", "workflow"), [(name, *about[:2]) for name, about in FAMILIES.items()])
def test_a_family_needs_nothing_of_the_other(family: str, client: str, workflow: str) -> None:
    code = f"from flowbind.{family} import {client}, Async{client}\nfrom generated import {workflow}"
    loaded = imported_by(f"{code}\n{client}('http://127.0.0.1:9')\n{workflow}()")
    (other,) = FAMILIES.keys() - {family}
    assert {name for name in loaded if name.startswith(f"flowbind.{other}")} == set()
    assert packages(loaded) & {*GENERATOR, *HTTP, "websockets", "asyncio", "PIL"} == set()


def test_the_client_of_comfyui_costs_no_more_than_that_of_invokeai() -> None:
    counts = [
        sum(name.startswith("flowbind") for name in imported_by(f"from flowbind.{family} import {client}"))
        for family, (client, *_) in FAMILIES.items()
    ]
    assert counts == sorted(counts, reverse=True)


def test_importing_flowbind_needs_nothing() -> None:
    modules = imported_by("import flowbind")
    assert "pydantic" not in packages(modules)
    assert {name for name in modules if name.startswith("flowbind")} == {"flowbind"}


@pytest.mark.parametrize(("family", "about"), FAMILIES.items())
def test_an_instance_and_a_client_need_no_http(family: str, about: tuple[str, str, str]) -> None:
    client, workflow, preview = about
    code = f"""
from flowbind.{family} import Async{client}, {client}
{preview}
from generated import {workflow}
preview({workflow}(width=64))
{client}("http://127.0.0.1:9").close()
Async{client}("http://127.0.0.1:9")
"""
    assert packages(imported_by(code)) & (GENERATOR | HTTP) == set()


@pytest.mark.parametrize(("family", "about"), FAMILIES.items())
def test_http_comes_with_the_first_request(family: str, about: tuple[str, str, str]) -> None:
    client, workflow, _ = about
    code = f"""
from flowbind.errors import ServerUnreachable
from flowbind.{family} import {client}
from generated import {workflow}
import sys
assert "httpx" not in sys.modules
try:
    {client}("http://127.0.0.1:9").run({workflow}())
except ServerUnreachable:
    pass
"""
    loaded = packages(imported_by(code))
    assert "httpx" in loaded
    # httpx has a command of its own and imports click for it, where that is installed.
    assert loaded & (GENERATOR - {"click"}) == set()


def test_the_package_imports_a_module_when_it_is_used() -> None:
    modules = imported_by("import generated")
    assert {name for name in modules if name.startswith("generated")} == {"generated"}
    assert packages(modules) & {"flowbind", "pydantic"} == set()
    modules = imported_by("import generated\ngenerated.Poster\nfrom generated import ContactSheet")
    ours = {name for name in modules if name.startswith("generated")}
    assert ours == {"generated", "generated.poster", "generated.contact_sheet"}


def test_a_quick_helper_imports_its_own_workflow() -> None:
    client = """
from flowbind.invokeai import InvokeAI
from flowbind.invokeai.quick import helpers
InvokeAI("http://127.0.0.1:9").quick
"""
    assert not {name for name in imported_by(client) if "quick.workflows" in name}
    modules = imported_by(client + "helpers.copy_image('a.png', None)")
    shipped = {name.rpartition(".")[2] for name in modules if "quick.workflows" in name}
    assert shipped == {"workflows", "copy_image"}
    assert packages(modules) & (GENERATOR | HTTP) == set()


def test_pictures_import_what_they_need() -> None:
    assert packages(imported_by("from flowbind import pictures")) & {"PIL", "numpy", "skimage"} == set()
    drawn = "from flowbind import pictures\nfrom PIL import Image\npicture = Image.new('RGB', (9, 9))\n"
    modules = imported_by(f"{drawn}pictures.check(picture)\npictures.fit(picture, 4, 4, background='red')")
    assert packages(modules) & {"numpy", "skimage", "scipy", "pydantic", "httpx"} == set()
    assert packages(imported_by(f"{drawn}pictures.compare(picture, picture)")) & {"skimage", "scipy"} == set()
    assert "skimage" in packages(imported_by(f"{drawn}pictures.compare(picture, Image.new('RGB', (9, 9), 'red'))"))


def test_importing_builds_no_validator_and_reads_no_graph() -> None:
    code = """
from generated import Poster
assert not Poster.__pydantic_complete__
assert not Poster.__flowbind__.cache
"""
    assert "generated.poster" in imported_by(code)


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["generate", "--help"],
        ["run", "--help"],
        ["explain", "--help"],
        ["compare", "--help"],
        ["--version"],
    ],
)
def test_help_needs_neither_pydantic_nor_templates(words: list[str]) -> None:
    code = f"""
import sys
sys.argv[1:] = {words!r}
from flowbind.__main__ import main
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
"""
    loaded = packages(imported_by(code))
    assert loaded & {"pydantic", "jinja2", "httpx", "ruff", "PIL", "numpy"} == set()
    assert "click" in loaded
