"""The proof that a rendered module is what was planned: nothing from outside became code."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence

from flowbind_generator.ir import Input, Module, Output
from flowbind_generator.quoting import docstring


class NotAsPlanned(Exception):
    """A rendered module differs from its plan."""


def verify_module(source: str, module: Module) -> None:
    """Raise `NotAsPlanned` unless the source holds exactly the planned names, types, defaults, docs and slots."""
    body = ast.parse(source).body
    imports = [n for n in body if isinstance(n, ast.ImportFrom)]
    classes = [n for n in body if isinstance(n, ast.ClassDef)]
    _check(len(body) == len(imports) + len(classes) + 2, "the module has other statements than planned")
    _same_doc(body[0], module.doc)
    planned: dict[str | None, tuple[str, ...]] = {"__future__": ("annotations",)}
    for group in module.imports:
        planned.update(group)
    _check({n.module: tuple(a.name for a in n.names) for n in imports} == planned, "the imports differ")
    _check([c.name for c in classes] == [module.outputs_class, module.class_name], "the classes differ")
    outputs, inputs = classes
    _same_attributes(outputs.body[1:], module.outputs)
    _same_doc(inputs.body[0], module.doc)
    _same_attributes(inputs.body[1:-1], module.inputs)
    _same_binding(inputs.body[-1], module)


def _same_attributes(body: Sequence[ast.stmt], planned: Sequence[Input | Output]) -> None:
    _check(len(body) == 2 * len(planned), "a class has other statements than planned")
    for i, item in enumerate(planned):
        statement = body[2 * i]
        _check(isinstance(statement, ast.AnnAssign), "an attribute is no annotated name")
        assert isinstance(statement, ast.AnnAssign)
        name = statement.target.id if isinstance(statement.target, ast.Name) else None
        _check(name == item.attribute, f"the attribute {item.attribute} is called {name}")
        _same_code(statement.annotation, item.annotation)
        _same_code(statement.value, item.default_code if isinstance(item, Input) else None)
        _same_doc(body[2 * i + 1], item.doc)


def _same_binding(statement: ast.stmt, module: Module) -> None:
    _check(isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call), "the binding is missing")
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.Call)
    given = {k.arg: k.value for k in statement.value.keywords}
    _check(ast.literal_eval(given["source"]) == module.source, "the source differs")
    slots = [_values(call) for call in _calls(given["slots"])]
    planned = [[i.attribute, i.node_id, i.field_name, i.kind, i.index, i.label] for i in module.inputs]
    _check(slots == planned + [[None, r.node_id, r.field_name, r.kind] for r in module.references], "the slots differ")
    outputs = [_values(call) for call in _calls(given["outputs"])]
    _check(
        outputs == [[o.attribute, o.node_id, o.field_name, o.kind, o.many] for o in module.outputs],
        "the outputs differ",
    )


def _calls(node: ast.expr) -> list[ast.Call]:
    _check(isinstance(node, ast.Tuple), "a list of slots is no tuple")
    assert isinstance(node, ast.Tuple)
    return [call for call in node.elts if isinstance(call, ast.Call)]


def _values(call: ast.Call) -> list[object]:
    return [ast.literal_eval(a) for a in (*call.args, *(k.value for k in call.keywords))]


def _same_code(node: ast.expr | None, planned: str | None) -> None:
    wanted = None if planned is None else ast.dump(ast.parse(planned, mode="eval").body)
    _check((None if node is None else ast.dump(node)) == wanted, f"{planned} was rendered as something else")


def _same_doc(statement: ast.stmt, planned: str) -> None:
    node = statement.value if isinstance(statement, ast.Expr) else None
    text = node.value if isinstance(node, ast.Constant) else None
    # What the filter took out, it took out on purpose; what it escaped must read as before.
    wanted = ast.literal_eval(f'"""{docstring(planned)}"""')
    _check(isinstance(text, str) and _words(text) == _words(wanted), "a docstring differs")


def _words(text: str) -> list[str]:
    return inspect.cleandoc(text).split()


def _check(holds: bool, problem: str) -> None:
    if not holds:
        raise NotAsPlanned(problem)
