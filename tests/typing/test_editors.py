"""Editors as a user sees them, through pyright's language server: hovers, completions, signatures and errors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.typing import foreign
from tests.typing.conftest import ROOT
from tests.typing.declared import Class, declared
from tests.typing.editor import CARET, Editor, Page, Problem
from tests.typing.language_server import language_server

NAMES = [*(found.name for found in declared(ROOT / "generated")), foreign.NAME]

SCRIPT = """\
from flowbind.invokeai import InvokeAI
from generated import GrainStudy, ImageToImageSd15, Poster, RegionCaption, TextToImageSd15
from generated.field_types import Ideogram4Region
from translated import Größe

server = InvokeAI()
text = TextToImageSd15(scheduler="euler_a")
photo = ImageToImageSd15(source_image=b"", model="Dreamshaper 8", medium="chalk on slate")
poster = Poster(board=None)
study = GrainStudy(amounts=[1, 0.5])
größe = Größe(画像の幅=64)
"""
RESULTS = """\
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from {package} import {name}

def wait(server: InvokeAI, workflow: {name}) -> None:
    server.run(workflow){item}.outputs.‸
    server.submit(workflow).wait(){item}.outputs.‸
    result = server.run(workflow){item}
    result.outputs.‸

async def await_all(server: AsyncInvokeAI, workflow: {name}) -> None:
    (await server.run(workflow)){item}.outputs.‸
    job = await server.submit(workflow)
    (await job.wait()){item}.outputs.‸
"""
WITHOUT_CLIENT = """\
from flowbind.invokeai.result import Result
from {package}.{module} import {name}Outputs

def look(result: Result[{name}Outputs]) -> None:
    result.outputs.‸
"""

TYPES = {
    "text.‸width": "width: int",
    "text.‸cfg_scale": "cfg_scale: float | list[float]",
    "text.‸model": "model: ModelInput",
    "photo.‸source_image": "source_image: ImageInput",
    "photo.‸strength": "strength: float",
    "poster.‸blur_type": "blur_type: Literal['gaussian', 'box']",
    "poster.‸series": "series: str | Literal['Spring', 'Summer', 'Autumn', 'Winter']",
    "poster.‸sky_colour": "sky_colour: Color",
    "poster.‸coloured_grain": "coloured_grain: bool",
    "poster.‸board": "board: str | None",
    "study.‸amounts": "amounts: list[float]",
    "study.‸seeds": "seeds: list[int]",
    "größe.‸画像の幅": "画像の幅: int",
    "server.run(poster).‸outputs": "outputs: PosterOutputs",
    "server.run(poster).outputs.‸image": "image: Image",
    "server.run(study)[0].‸outputs": "outputs: GrainStudyOutputs",
    "server.run(RegionCaption()).outputs.‸caption": "caption: str",
}
CHOICES = {
    'Poster(blur_type="‸': ["gaussian", "box"],
    'Poster(series="‸")': ["Spring", "Summer", "Autumn", "Winter"],
    'poster.blur_type = "‸"': ["gaussian", "box"],
    'ImageToImageSd15(steps=8, resample_mode="‸")': ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"],
    'Größe(色のモード="‸")': ["RGB", "RGBA"],
}
# A line, what is underlined in it, and what the message has to name.
MISTAKES = [
    ("TextToImageSd15(step=8)", "step", ['No parameter named "step"']),
    ('TextToImageSd15(steps="8")', '"8"', ['"steps" of type "int"']),
    ('TextToImageSd15(steps=8, scheduler="eulr")', '"eulr"', ['"scheduler"', "'euler'"]),
    ("Poster(board=None, width=None)", "None", ['"width" of type "int"']),
    ('Poster(sky_colour="red")', '"red"', ['"sky_colour" of type "Color"']),
    ("Poster(640)", "640", ["0 positional"]),
    ("ImageToImageSd15(steps=8)", "ImageToImageSd15(steps=8)", ["missing", '"source_image", "model"']),
    ('ImageToImageSd15(source_image=7, model="a")', "7", ['"source_image" of type "ImageInput"']),
    ('poster.grain = "much"', '"much"', ['"grain" for class "Poster"', '"float"']),
    ('poster.blur_type = "motion"', '"motion"', ['"blur_type" for class "Poster"', "Literal['gaussian', 'box']"]),
    ("poster.widht = 640", "widht", ['"widht" for class "Poster"']),
    ('GrainStudy(amounts=[0.5, "a"])', '"a"', ['"amounts" of type "list[float]"']),
    ("GrainStudy(seeds=7)", "7", ['"seeds" of type "list[int]"']),
    ("study.seeds = [0.5]", "0.5", ['"seeds" for class "GrainStudy"', '"int"']),
    ("study.softness = 2.5", "2.5", ['"softness" for class "GrainStudy"', '"list[float]"']),
    ("größe.höhe = 64", "64", ['"höhe" for class "Größe"', '"None"']),
    ("Größe(höhe=64)", "64", ['"höhe" of type "None"']),
    ('print("📐", Größe(画像の幅="96"))', '"96"', ['"画像の幅" of type "int"']),
    ("print(server.run(poster).outputs.picture)", "picture", ['"picture" for class "PosterOutputs"']),
    ("print(server.run(study).outputs)", "outputs", ['"list[Result[GrainStudyOutputs]]"']),
    ('RegionCaption(regions=["a boat"])', '"a boat"', ['"regions" of type "list[Ideogram4Region]"']),
    ("Ideogram4Region(prompt=7)", "7", ['"prompt" of type "str"']),
    ('Ideogram4Region(prompt="a", box=[1])', "box", ['No parameter named "box"']),
    ('server.run("poster")', '"poster"', ['"workflow"']),
]


@pytest.fixture(scope="module")
def user(user: Path) -> Path:
    """The user's folder, with the package of the foreign workflow in it."""
    foreign.generate(user)
    return user


@pytest.fixture(scope="module")
def editor(user: Path) -> Iterator[Editor]:
    """An editor with the user's folder open; the interpreter that it is set to has flowbind."""
    with language_server(user, {"python": {"pythonPath": sys.executable}}) as server:
        yield Editor(server, user)


@pytest.fixture(scope="module")
def types(editor: Editor) -> Page:
    """All expressions whose types are compared; shown at once, because each change is read anew."""
    return editor.show("\n".join([SCRIPT, *TYPES, ""]), "expressions.py")


@pytest.fixture(scope="module")
def problems(editor: Editor) -> list[Problem]:
    """What is underlined in a script with all mistakes."""
    return editor.show("\n".join([SCRIPT, *(line for line, _, _ in MISTAKES), ""]), "mistakes.py").problems()


@pytest.fixture(params=NAMES)
def workflow(request: pytest.FixtureRequest, user: Path) -> Class:
    """Each generated class, and the foreign one."""
    packages = (user / "generated", user / foreign.PACKAGE)
    (found,) = (c for package in packages for c in declared(package) if c.name == request.param)
    return found


def using(editor: Editor, workflow: Class, body: str) -> Page:
    """Show a script that is handed an instance of a class."""
    head = f"from {workflow.package} import {workflow.name}\n\n"
    return editor.show(f"{head}def use(workflow: {workflow.name}) -> None:\n{body}")


def test_hovering_an_input_shows_its_type_and_docstring(editor: Editor, workflow: Class) -> None:
    page = using(editor, workflow, "".join(f"    workflow.{CARET}{name}\n" for name in workflow.inputs))
    boxes = page.hovers()
    assert {name: box.words for name, box in zip(workflow.inputs, boxes, strict=True)} == workflow.inputs
    assert [box.code.partition(": ")[0] for box in boxes] == [f"(variable) {name}" for name in workflow.inputs]


def test_hovering_a_keyword_of_the_constructor_shows_the_docstring(editor: Editor, workflow: Class) -> None:
    page = using(editor, workflow, "".join(f"    {workflow.name}({CARET}{name}=...)\n" for name in workflow.inputs))
    assert dict(zip(workflow.inputs, (box.words for box in page.hovers()), strict=True)) == workflow.inputs


def test_hovering_a_definition_shows_the_docstring(editor: Editor, workflow: Class) -> None:
    file = f"{workflow.package}/{workflow.module}.py"
    text = (editor.folder / file).read_text(encoding="utf-8").split("\n")
    for line in workflow.lines:
        text[line - 1] = text[line - 1].replace("    ", f"    {CARET}", 1)
    boxes = editor.show("\n".join(text), file).hovers()
    assert [box.words for box in boxes] == list(workflow.lines.values())


def test_hovering_a_class_shows_its_inputs_and_docstring(editor: Editor, workflow: Class) -> None:
    # The import goes through the lazy `__init__` of the package.
    name = f"{CARET}{workflow.name}"
    page = editor.show(f"from {workflow.package} import {name}\nkind = {name}\ndef use(workflow: {name}): ...\n")
    boxes = page.hovers()
    assert [box.words for box in boxes] == [workflow.doc] * 3
    for box in boxes:
        assert box.code.startswith(f"class {workflow.name}(")
        assert all(f"\n    {attribute}: " in box.code for attribute in workflow.inputs)


def test_hovering_a_constructor_says_what_it_does(editor: Editor, workflow: Class) -> None:
    # Not the class's docstring: pyright prefers a constructor's, and without one would show pydantic's.
    box = using(editor, workflow, f"    {CARET}{workflow.name}()\n").hover()
    assert box.code.startswith(f"class {workflow.name}(")
    assert box.words.startswith("Set inputs by name; what is not set stays as the workflow has it.")


def test_the_constructor_completes_the_inputs(editor: Editor, workflow: Class) -> None:
    page = using(editor, workflow, f"    {workflow.name}({CARET}")
    first = page.completions()[: len(workflow.inputs)]
    assert {c.label for c in first} == {f"{name}=" for name in workflow.inputs}


def test_the_signature_has_the_inputs_in_form_order(editor: Editor, workflow: Class) -> None:
    last = list(workflow.inputs)[-1]
    page = using(editor, workflow, f"    {workflow.name}({CARET})\n    {workflow.name}({last}={CARET})\n")
    signature = page.signature()
    assert [parameter.partition(":")[0] for parameter in signature.parameters] == ["*", *workflow.inputs]
    assert (signature.active, signature.words) == (None, workflow.doc)
    assert page.signature(1).active == signature.parameters[-1]


def test_an_instance_completes_the_inputs_before_all_else(editor: Editor, workflow: Class) -> None:
    page = using(editor, workflow, f"    workflow.{CARET}\n")
    shown = page.completions()
    first, others = shown[: len(workflow.inputs)], shown[len(workflow.inputs) :]
    assert {c.label: page.described(c).words for c in first} == workflow.inputs
    # What pydantic brings comes next, and what is private last.
    private = [c.label.startswith("_") for c in others]
    assert private == sorted(private)


def test_an_object_completes_and_describes_its_attributes(editor: Editor) -> None:
    head = "from generated.field_types import Ideogram4Region\n\n"
    shown = editor.show(f"{head}Ideogram4Region({CARET}").completions()
    assert {c.label for c in shown[:2]} == {"prompt=", "bbox="}
    box = editor.show(f"{head}def use(region: Ideogram4Region) -> None:\n    region.{CARET}bbox\n").hover()
    assert box.code == "(variable) bbox: list[int] | None"
    assert box.words.startswith("Normalized bounding box [y_min, x_min, y_max, x_max]")


def test_results_complete_the_outputs(editor: Editor, workflow: Class) -> None:
    item = "[0]" if workflow.is_batch else ""
    program = RESULTS if workflow.has_client else WITHOUT_CLIENT
    page = editor.show(program.format(package=workflow.package, module=workflow.module, name=workflow.name, item=item))
    for place in range(len(page.places)):
        public = [c for c in page.completions(place) if not c.label.startswith("_")]
        assert {c.label: page.described(c) for c in public} == workflow.outputs


def test_the_package_completes_its_classes(editor: Editor) -> None:
    for package, names in (("generated", NAMES[:-1]), (foreign.PACKAGE, NAMES[-1:])):
        shown = [c.label for c in editor.show(f"from {package} import {CARET}").completions()]
        assert set(names) <= set(shown)


@pytest.mark.parametrize(("expression", "declaration"), TYPES.items())
def test_types_read_as_a_user_would_write_them(types: Page, expression: str, declaration: str) -> None:
    assert types.hover(list(TYPES).index(expression)).code == f"(variable) {declaration}"


@pytest.mark.parametrize(("line", "choices"), CHOICES.items())
def test_a_string_completes_the_choices(editor: Editor, line: str, choices: list[str]) -> None:
    shown = editor.show(f"{SCRIPT}{line}\n").completions()
    assert {c.label for c in shown[: len(choices)]} == {f'"{choice}"' for choice in choices}


@pytest.mark.parametrize(("line", "underlined", "named"), MISTAKES, ids=[line for line, _, _ in MISTAKES])
def test_a_mistake_is_underlined_and_named(
    problems: list[Problem], line: str, underlined: str, named: list[str]
) -> None:
    (message,) = (p.message for p in problems if p.is_error and (p.line, p.underlined) == (line, underlined))
    assert [text for text in named if text not in message] == []


def test_what_is_right_is_not_underlined(problems: list[Problem]) -> None:
    assert {p.line for p in problems} == {line for line, _, _ in MISTAKES}


def test_a_misspelt_class_is_underlined_where_it_is_imported(editor: Editor) -> None:
    line = "from generated import Poster, Pster"
    problems = editor.show(f"{line}\n\nprint(Poster(), Pster)\n").problems()
    assert (line, "Pster") in {(p.line, p.underlined) for p in problems if p.is_error}
