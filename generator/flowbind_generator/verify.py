"""The proof that a rendered module is what was planned: nothing from outside became code."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import astuple
from functools import lru_cache
from typing import Any

from flowbind.binding import INTERFACE
from flowbind_generator.field_classes import Attribute, FieldTypes
from flowbind_generator.imports import Imports
from flowbind_generator.ir import Input, Module, Output
from flowbind_generator.quoting import docstring, literal

_BINDING = ("interface", "source", "graph", "workflow", "slots", "outputs_class", "outputs")
_BATCH = ("group", "group_attribute", "targets", "generator")


class NotAsPlanned(Exception):
    """A rendered module differs from its plan."""


def verify_module(source: str, module: Module) -> None:
    """Raise `NotAsPlanned` unless the source holds exactly the planned names, types, defaults, docs and slots."""
    body = ast.parse(source).body
    imports = [n for n in body if isinstance(n, ast.ImportFrom)]
    classes = [n for n in body if isinstance(n, ast.ClassDef)]
    others = [n for n in body if not isinstance(n, ast.ImportFrom | ast.ClassDef)]
    _check(len(others) == 2, "the module has other statements than planned")
    _same_doc(body[0], module.doc)
    exported = f"__all__ = [{literal(module.class_name)}, {literal(module.outputs_class)}]"
    _check(_same(others[1], _statement(exported)), "what the module exports differs")
    _same_imports(imports, module.imports)
    _check(len(classes) == 2, "the classes differ")
    outputs, inputs = classes
    _same_head(outputs, f"class {module.outputs_class}(Outputs)")
    _same_head(inputs, f"class {module.class_name}({module.base_class}[{module.outputs_class}])")
    _same_doc(outputs.body[0], f"What one run of `{module.class_name}` leaves behind.")
    _same_attributes(outputs.body[1:], module.outputs)
    _same_doc(inputs.body[0], module.doc)
    _same_attributes(inputs.body[1:-1], module.inputs)
    _same_binding(inputs.body[-1], module)


def verify_field_types(source: str, planned: FieldTypes) -> None:
    """Raise `NotAsPlanned` unless the source holds exactly the planned classes."""
    body = ast.parse(source).body
    imports = [n for n in body if isinstance(n, ast.ImportFrom)]
    classes = [n for n in body if isinstance(n, ast.ClassDef)]
    others = [n for n in body if not isinstance(n, ast.ImportFrom | ast.ClassDef)]
    exported = f"__all__ = [{', '.join(map(literal, planned.exported))}]"
    _check(len(others) == 2 and _same(others[1], _statement(exported)), "the module has other statements than planned")
    _same_imports(imports, planned.imports)
    _check(len(classes) == len(planned.classes), "the classes differ")
    for found, wanted in zip(classes, planned.classes, strict=True):
        _same_head(found, f"class {wanted.name}({wanted.bases})")
        _same_doc(found.body[0], wanted.doc)
        _same_attributes(found.body[1:], wanted.attributes)


def _same_imports(found: Sequence[ast.ImportFrom], planned: Imports) -> None:
    names = {"__future__": ("annotations",)} | {m: taken for group in planned for m, taken in group.items()}
    wanted = [f"from {origin} import {', '.join(taken)}" for origin, taken in names.items()]
    _check(_same(list(found), [_statement(w) for w in wanted]), "the imports differ")


def _same_attributes(body: Sequence[ast.stmt], planned: Sequence[Input | Output | Attribute]) -> None:
    _check(len(body) == 2 * len(planned), "a class has other statements than planned")
    for i, item in enumerate(planned):
        statement = body[2 * i]
        _check(isinstance(statement, ast.AnnAssign), "an attribute is no annotated name")
        assert isinstance(statement, ast.AnnAssign)
        name = statement.target.id if isinstance(statement.target, ast.Name) else None
        _check(name == item.attribute, f"the attribute {item.attribute} is called {name}")
        _same_code(statement.annotation, item.annotation)
        _same_code(statement.value, None if isinstance(item, Output) else item.default_code)
        _same_doc(body[2 * i + 1], item.doc)


def _same_head(found: ast.ClassDef, planned: str) -> None:
    wanted = _statement(f"{planned}: pass")
    same = all(_same(getattr(found, part), getattr(wanted, part)) for part in found._fields if part != "body")
    _check(same, f"the class {found.name} is another than planned")


def _same_binding(statement: ast.stmt, module: Module) -> None:
    _check(isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call), "the binding is missing")
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.Call)
    keys = [*_BINDING, "batches"] if module.batches else [*_BINDING]
    head = _same(statement.targets, [ast.Name("__flowbind__", ast.Store())]) and _is_name(
        statement.value.func, "Binding"
    )
    named = [keyword.arg for keyword in statement.value.keywords] == keys and not statement.value.args
    _check(head and named and statement.type_comment is None, "the binding is another than planned")
    given = {str(k.arg): k.value for k in statement.value.keywords}
    _check(_value(given["interface"]) == INTERFACE, "the interface differs")
    _check(_value(given["source"]) == module.source, "the source differs")
    files = [_value(given[k])[0] for k in ("graph", "workflow")]
    _check(files == [module.graph_file, module.workflow_file], "the files differ")
    _check(_is_name(given["outputs_class"], module.outputs_class), "the class of the outputs differs")
    calls = _calls(given["slots"], "Slot")
    slots = [list(map(_value, call.args)) for call in calls]
    planned = [[i.attribute, i.node_id, i.field_name, i.kind, i.index, i.label] for i in module.inputs]
    _check(slots == planned + [[None, r.node_id, r.field_name, r.kind] for r in module.references], "the slots differ")
    for call, item in zip(calls, [*module.inputs, *(None for _ in module.references)], strict=True):
        _same_named(call, item)
    outputs = [(_values(call), [k.arg for k in call.keywords]) for call in _calls(given["outputs"], "OutputSlot")]
    _check(outputs == [_output_slot(o) for o in module.outputs], "the outputs differ")
    calls = _calls(given["batches"], "Batch") if module.batches else []
    _check(all([k.arg for k in call.keywords] == [*_BATCH] for call in calls), "a batch has other parts than planned")
    _check(
        [_values(call) for call in calls]
        == [[b.attribute, b.node_id, b.group, b.group_attribute, b.targets, b.generator] for b in module.batches],
        "the batches differ",
    )


def _same_named(call: ast.Call, item: Input | None) -> None:
    """Check the parts of a slot that are given by name; the slot of a reference has none."""
    planned: dict[str | None, str] = {}
    if item and item.accepts:
        planned["accepts"] = item.accepts
    if item and item.random:
        planned["random"] = f"({', '.join(map(literal, astuple(item.random)))})"
    _check([k.arg for k in call.keywords] == [*planned], "a slot has other parts than planned")
    for keyword in call.keywords:
        _same_code(keyword.value, planned[keyword.arg])


def _output_slot(output: Output) -> tuple[list[object], list[str]]:
    """Return the values of an output's slot, and the names of those that are given by name."""
    named = {"many": output.many, "repeated": output.repeated, "optional": output.optional, "key": output.key}
    told = {name: value for name, value in named.items() if name == "many" or value not in (False, None)}
    return [output.attribute, output.node_id, output.field_name, output.kind, *told.values()], list(told)


def _calls(node: ast.expr, name: str) -> list[ast.Call]:
    _check(isinstance(node, ast.Tuple), "a list of slots is no tuple")
    assert isinstance(node, ast.Tuple)
    calls = [call for call in node.elts if isinstance(call, ast.Call) and _is_name(call.func, name)]
    _check(len(calls) == len(node.elts), f"a list of slots holds something else than {name}")
    return calls


def _values(call: ast.Call) -> list[object]:
    return [_value(a) for a in (*call.args, *(k.value for k in call.keywords))]


def _value(node: ast.expr) -> Any:
    return node.value if isinstance(node, ast.Constant) else ast.literal_eval(node)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _same_code(node: ast.expr | None, planned: str | None) -> None:
    same = node is None if planned is None else _same(node, _expression(planned))
    _check(same, f"{planned} was rendered as something else")


# What is planned for one input is planned for many: "int" is parsed once.
@lru_cache(maxsize=1024)
def _expression(planned: str) -> ast.expr:
    return ast.parse(planned, mode="eval").body


@lru_cache(maxsize=1024)
def _statement(planned: str) -> ast.stmt:
    return ast.parse(planned).body[0]


def _same(found: object, planned: object) -> bool:
    """Tell whether two trees are equal: in all nodes, and in the types of all values."""
    if type(found) is not type(planned):
        return False
    if isinstance(found, ast.AST):
        return all(_same(getattr(found, part, None), getattr(planned, part, None)) for part in found._fields)
    if isinstance(found, list) and isinstance(planned, list):
        return len(found) == len(planned) and all(map(_same, found, planned))
    return found == planned


def _same_doc(statement: ast.stmt, planned: str) -> None:
    node = statement.value if isinstance(statement, ast.Expr) else None
    text = node.value if isinstance(node, ast.Constant) else None
    # What the filter took out, it took out on purpose; what it escaped must read as before.
    wanted = docstring(planned)
    if "\\" in wanted or '"""' in wanted:
        wanted = ast.literal_eval(f'"""{wanted}"""')
    # Its lines are indented, and broken anywhere.
    _check(isinstance(text, str) and text.split() == wanted.split(), "a docstring differs")


def _check(holds: bool, problem: str) -> None:
    if not holds:
        raise NotAsPlanned(problem)
