"""What `flowbind.load` gives: an instance through which all of a workflow is at hand, its nodes' literals, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol, Self

from flowbind._inputs import Inputs
from flowbind.errors import InputError, NoInput
from flowbind.outside import one_line
from flowbind.saved_nodes import Literal, SavedNode, literal_called
from flowbind.workflow import UNSET, Workflow, given_inputs, named, shortened, unknown

Key = int | str | tuple[str | int, str]


class Loaded(Protocol):
    """An export as the generator holds it."""

    @property
    def nodes(self) -> tuple[SavedNode, ...]:
        """All nodes in the order of the file."""
        ...

    def with_inputs(self, further: frozenset[str]) -> type[LoadedWorkflow]:
        """Return the class that has some literals as inputs besides its own, by their addresses."""
        ...


class LoadedWorkflow(Workflow[Any]):
    """An instance of the class that generating would write, and more: `workflow[...]` reads and sets.

    A number is the index of an input in the form, a text its attribute; a node's title or id with the name of an input
    is any literal. Calling it with inputs gives a copy in which they are set.
    """

    __loaded__: ClassVar[Loaded]
    __further__: ClassVar[frozenset[str]]
    """The addresses of literals that have become inputs."""

    def __call__(self, /, **inputs: Any) -> Self:
        """Return a copy with inputs set; raises `flowbind.errors.InputError` with all that is refused."""
        made = self.model_copy(deep=True)
        problems: list[str] = []
        for name, value in inputs.items():
            try:
                setattr(made, name, value)
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)
        return made

    def __getitem__(self, key: Key, /) -> Any:
        literal = _literal(self, key)
        if literal is None:
            return getattr(self, _attribute(self, key))
        attribute = _places(type(self)).get(literal.places[0])
        # A required input that is not set has no value at all.
        value = UNSET if attribute is None else vars(self).get(attribute, UNSET)
        return deepcopy(literal.value) if value is UNSET and literal.given else value

    def __setitem__(self, key: Key, value: Any, /) -> None:
        literal = _literal(self, key)
        if literal is None:
            setattr(self, _attribute(self, key), value)
        elif attribute := _places(type(self)).get(literal.places[0]):
            setattr(self, attribute, value)
        else:
            _set_further(self, literal, value)

    def __repr__(self) -> str:
        given = given_inputs(self)
        fields = type(self).model_fields
        told = [f"{name}={shortened(getattr(self, name))}" for name in fields if name in given]
        told += [f"{name} is required" for name in fields if name not in vars(self)]
        source = one_line(self.__flowbind__.source, 80)
        return f"<{type(self).__name__} of {source}: {', '.join(told) or 'nothing set'}>"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: Any, /) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} was loaded from a file, and its class is in this program alone: pickle the values, "
            "and load the file where they are needed; or generate the class."
        )

    if TYPE_CHECKING:

        def __getattr__(self, name: str, /) -> Any: ...
        def __setattr__(self, name: str, value: Any, /) -> None: ...

    else:

        def __getattr__(self, name):
            kind = type(self)
            if name in kind.model_fields:
                raise AttributeError(f"{named(kind, name)} is required, and not set: the workflow has no value for it.")
            if name.startswith("_"):
                return super().__getattr__(name)
            raise AttributeError(unknown(kind, name))


def _literal(workflow: LoadedWorkflow, key: Key) -> Literal | None:
    """Return the literal that a key means, None where it means an input."""
    if not isinstance(key, tuple):
        return None
    kind = type(workflow)
    if len(key) != 2:
        raise NoInput(
            f"{kind.__name__}: {key!r} names no literal; a node and an input do, as in ['KSampler', 'steps']."
        )
    return literal_called(kind.__name__, kind.__loaded__.nodes, *key)


def _attribute(workflow: LoadedWorkflow, key: Any) -> str:
    kind = type(workflow)
    if isinstance(key, str) and key in kind.model_fields:
        return key
    binding = kind.__flowbind__
    by_index = binding.once("indices", lambda: {s.index: s.attribute for s in binding.slots if s.index is not None})
    if isinstance(key, int) and key in by_index:
        return str(by_index[key])
    return Inputs(kind).find(key).attribute


def _places(kind: type[LoadedWorkflow]) -> Mapping[tuple[str, str], str]:
    """Return the attributes of a class by the places that they give values to."""
    slots = kind.__flowbind__.slots
    found: Mapping[tuple[str, str], str] = kind.__flowbind__.once(
        "places",
        lambda: {place: s.attribute for s in slots if s.attribute for place in ((s.node, s.field), *s.also)},
    )
    return found


def _set_further(workflow: LoadedWorkflow, literal: Literal, value: Any) -> None:
    """Make a literal one more input of an instance, and set it; a value that is refused changes nothing."""
    wider = _with(workflow, type(workflow).__further__ | {literal.address})
    setattr(wider, _places(type(wider))[literal.places[0]], value)
    for part in ("__class__", "__dict__", "__pydantic_fields_set__"):
        object.__setattr__(workflow, part, getattr(wider, part))


def made_alike(workflows: Sequence[Workflow[Any]]) -> list[Workflow[Any]]:
    """Return instances of one export as those of one class, where literals became inputs of some of them only."""
    own = [workflow for workflow in workflows if isinstance(workflow, LoadedWorkflow)]
    exports = {id(workflow.__loaded__) for workflow in own}
    if len(own) < len(workflows) or len(exports) != 1:
        return list(workflows)
    further = frozenset[str]().union(*{workflow.__further__ for workflow in own})
    return [workflow if workflow.__further__ == further else _with(workflow, further) for workflow in own]


def _with(workflow: LoadedWorkflow, further: frozenset[str]) -> LoadedWorkflow:
    """Return an instance with the same values, of the class that has some literals as inputs."""
    made = type(workflow).__loaded__.with_inputs(further).model_construct()
    vars(made).update(vars(workflow))
    made.model_fields_set.update(workflow.model_fields_set)
    return made
