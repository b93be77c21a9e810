"""The proof after rendering: a source that is not what was planned never gets through."""

from __future__ import annotations

import subprocess

import pytest
from ruff import find_ruff_bin

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Module
from flowbind_generator.names import pascal_case
from flowbind_generator.render import Source, render_init, render_module
from flowbind_generator.verify import NotAsPlanned, verify_module

from .exports import form, given, node, picture, resolved, with_source, workflow


@pytest.fixture(scope="module")
def module(catalog: Catalog) -> Module:
    document = workflow(
        picture(width=given(64, label="Width", description="How wide.")),
        node(
            "m", "main_model_loader", {"model": {"key": "k", "hash": "h", "name": "n", "base": "sd-1", "type": "main"}}
        ),
        node("s", "string", {"value": "plain"}),
        node("n", "noise", {"seed": 5}),
        form=form("p.width", "s.value", ("n.seed", {"type": "integer-field-config", "showShuffle": True})),
        name="A title",
    )
    return resolved(document, catalog)[0]


@pytest.fixture(scope="module")
def source(module: Module) -> str:
    return render_module(module)["a.py"]


def test_what_was_planned_passes(module: Module, source: str) -> None:
    verify_module(with_source(module, source), module)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("width: int = 64", "width: int = 65"),
        ("width: int = 64", "width: int = int(64)"),
        ("width: int = 64", "width: int = True"),
        ("width: int = 64", "width: float = 64"),
        ("width: int = 64", "height: int = 64"),
        ("width: int = 64", "width: int"),
        ("width: int = 64", "width = 64"),
        ("width: int = 64", "width: int = 64\n    height: int = 64"),
        ("value: str = 'plain'", "value: str = 'plaim'"),
        ("Field(ge=0,", "Field(ge=1,"),
        ("How wide.", "How high."),
        ('"""A title.', '"""Another title.'),
        ("The picture saved by", "The photo saved by"),
        ("class A(", "class B("),
        ('"""What one run of `A` leaves behind."""', "print('pwned')"),
        ('"""What one run of `A` leaves behind."""', '"""Something else."""'),
        ("from pydantic import Field", "from pydantic import Field as Annotated"),
        ("from pydantic import Field", "from .pydantic import Field"),
        ("class AOutputs(", "class BOutputs("),
        ("image: Image\n", "image: Image = None\n"),
        ("Slot('width', 'p', 'width', 'value', 0,", "Slot('width', 'q', 'width', 'value', 0,"),
        ("Slot('width', 'p', 'width', 'value', 0,", "Slot('width', 'p', 'height', 'value', 0,"),
        ("Slot('width', 'p', 'width', 'value', 0,", "Slot('width', 'p', 'width', 'model', 0,"),
        ("Slot('width', 'p', 'width', 'value', 0,", "Slot('width', 'p', 'width', 'value', 1,"),
        ("Slot(None, 'm', 'model', 'model'),", ""),
        (
            "OutputSlot('image', 'p', 'image', 'image', many=False)",
            "OutputSlot('image', 'p', 'image', 'image', many=True)",
        ),
        ("random=(0, 4294967295, 1)", "random=(0, 4294967295, 2)"),
        ("random=(0, 4294967295, 1)", "random=(0, print('pwned'), 1)"),
        ("random=(0, 4294967295, 1)", "accepts=(0, 4294967295, 1)"),
        (", random=(0, 4294967295, 1)", ""),
        ("Slot('width', 'p', 'width', 'value', 0, 'Width')", "Slot('width', 'p', 'width', 'value', 0, label='Width')"),
        ("Slot(None, 'm', 'model', 'model')", "Slot(None, 'm', 'model', 'model', random=(0, 1, 1))"),
        ("source='a.json'", "source='b.json'"),
        ("from pydantic import Field", "from pydantic import Field, JsonValue"),
        ("from pydantic import Field", "from pydantic import Field\nfrom os import system"),
        ("from pydantic import Field", "from pydantic import Field\nimport os"),
        ("from pydantic import Field", "from os import Field"),
        ("from pydantic import Field", "from pydantic import JsonValue as Field"),
        ("from pydantic import Field", ""),
        ("__all__ = ", "print('pwned')\n__all__ = "),
        ("__flowbind__ = Binding(", "def run(self): ...\n    __flowbind__ = Binding("),
        ("__flowbind__ = Binding(", "__other__ = Binding("),
        ("__flowbind__ = Binding(", "__flowbind__ = print("),
        ("__all__ = ['A', 'AOutputs']", "__all__ = [print('pwned')]"),
        ("class A(InvokeAIWorkflow[AOutputs]):", "class A(print('pwned')):"),
        ("class A(InvokeAIWorkflow[AOutputs]):", "@print\nclass A(InvokeAIWorkflow[AOutputs]):"),
        ("class A(InvokeAIWorkflow[AOutputs]):", "class A(InvokeAIWorkflow[AOutputs], metaclass=print):"),
        ("class AOutputs(Outputs):", "class AOutputs(print('pwned')):"),
        ("outputs_class=AOutputs,", "outputs_class=print('pwned'),"),
        ("outputs_class=AOutputs,", "outputs_class=AOutputs, extra=1,"),
        ("interface=3,", "interface=print('pwned'),"),
        ("graph=(", "graph=print("),
        ("graph=('a.graph.json'", "graph=('b.graph.json'"),
        ("Slot('width',", "print('width',"),
        ("OutputSlot('image',", "print('image',"),
        ("        slots=(", "        slots=(print('pwned'), *[],"),
        ("        slots=(", "        slots=(*print('pwned'),"),
    ],
)
def test_anything_else_is_refused(old: str, new: str, module: Module, source: str) -> None:
    assert old in source
    with pytest.raises((NotAsPlanned, ValueError)):
        verify_module(with_source(module, source.replace(old, new, 1)), module)


def test_no_python_is_refused(module: Module, source: str) -> None:
    with pytest.raises(SyntaxError):
        verify_module(with_source(module, source + "\n'"), module)


def test_templates_write_only_what_went_through_a_filter() -> None:
    with pytest.raises(ValueError, match="no identifier"):
        render_init([("A; print()", "a")])
    with pytest.raises(ValueError, match="no identifier"):
        render_init([("A", "a.b")])
    assert issubclass(Source, str)


def test_the_same_module_gives_the_same_text(module: Module, source: str) -> None:
    assert render_module(module)["a.py"] == source


def test_the_package_is_sorted_as_ruff_sorts() -> None:
    modules = ["ķ", "w10", "w9", "annotations_w1", "a1", "w077", "w2", "w07", "w0", "w00", "w1_5", "w1_05"]
    source = render_init([("B", "a2"), *((pascal_case(module), module) for module in modules)])
    ruff = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--stdin-filename", "__init__.py", "-"]
    linted = subprocess.run(ruff, input=source, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout
