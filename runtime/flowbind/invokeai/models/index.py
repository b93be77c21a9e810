"""Finding models on a server: their keys are new at every install, so each is looked up before a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowbind.errors import ModelNotAccepted, ModelNotFound, UnexpectedReply
from flowbind.invokeai.fields import ModelFilter, ModelInput, ModelRef
from flowbind.outside import one_line
from flowbind.place import Place
from flowbind.transport.cached import Cached
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, list_in

Record = Mapping[str, Any]
_SHOWN = 12


class ModelIndex:
    """The models of one server."""

    def __init__(self) -> None:
        self._models = Cached(list_models)

    def resolve(
        self, ref: ModelRef, like: Record | None, place: Place, accepted: ModelFilter | None = None
    ) -> Operation[dict[str, Any]]:
        """Return the identifier of a model as the server knows it, found as `record` does."""
        return _identifier((yield from self.record(ref, like, place, accepted)), ref)

    def record(
        self, ref: ModelRef, like: Record | None, place: Place, accepted: ModelFilter | None = None
    ) -> Operation[Record]:
        """Return what the server tells of a model.

        Tried in order: key, hash, then the name with what is given of base and type; what the input accepts and `like`
        (the workflow's own model) decide between models of one name. `place` names the input in the error.
        """
        matches = yield from self._models.find(lambda records: models_meant(records, ref, like, accepted))
        if len(matches) != 1:
            cure = "Set the input to one of its models, or install the model."
            raise ModelNotFound(_explain(ref, matches, self._models.items, place, cure))
        if accepted and not accepted.accepts(matches[0], ref.submodel_type):
            raise ModelNotAccepted(_not_accepted(matches[0], accepted, self._models.items, place))
        return matches[0]

    def fitting(self, accepted: ModelFilter) -> Operation[Sequence[Record]]:
        """Return what the server tells of the models that a filter accepts."""
        return (yield from self._models.find(lambda records: [r for r in records if accepted.accepts(r)]))

    def one(self, model: ModelInput) -> Operation[Record]:
        """Return the record of a model by its name or key, or by a `ModelRef`; the list is read anew.

        Raises `ModelNotFound` where none is meant, or several.
        """
        ref = ModelRef(name=model, key=model) if isinstance(model, str) else model
        self.forget()
        matches = yield from self._models.find(lambda records: models_meant(records, ref))
        if len(matches) != 1:
            cure = "Name one of its models, or install the model."
            raise ModelNotFound(_explain(ref, matches, self._models.items, Place("server.models", True), cure))
        return matches[0]

    def forget(self) -> None:
        """Read the list anew when it is needed next: this client has changed it."""
        self._models.forget()


def list_models() -> Operation[Sequence[Record]]:
    """Return the records of all models that the server has."""
    return records_of((yield from get("/api/v2/models/")))


def records_of(document: Any) -> Sequence[Record]:
    """Return the records in a list of the server."""
    found = list_in(document.get("models") if isinstance(document, dict) else None)
    return [m for m in found if isinstance(m, dict) and "key" in m]


def models_meant(
    records: Sequence[Record], ref: ModelRef, like: Record | None = None, accepted: ModelFilter | None = None
) -> Sequence[Record]:
    """Return the records that a reference may mean: one, or none, or several that nothing tells apart."""
    for name, wanted in (("key", ref.key), ("hash", ref.hash)):
        if wanted and (found := [r for r in records if r.get(name) == wanted]):
            return found[:1]
    if not ref.name:
        return []
    found = [r for r in records if r.get("name") == ref.name and _agrees(r, ref.base, ref.type)]
    if len(found) > 1 and accepted:
        found = [r for r in found if accepted.accepts(r, ref.submodel_type)] or found
    if len(found) > 1 and like:
        return [r for r in found if _agrees(r, like.get("base"), like.get("type"))] or found
    return found


def _agrees(record: Record, base: str | None, kind: str | None) -> bool:
    return base in (None, "any", record.get("base")) and kind in (None, record.get("type"))


def _identifier(record: Record, ref: ModelRef) -> dict[str, Any]:
    keys = ("key", "hash", "name", "base", "type")
    if missing := [key for key in keys if key not in record]:
        raise UnexpectedReply(f"The server does not tell the {missing[0]} of its model {_about(record)}.")
    found = {key: record[key] for key in keys}
    return found | ({"submodel_type": ref.submodel_type} if ref.submodel_type else {})


def _about(record: Record) -> str:
    name, base, kind = (one_line(record.get(key), 120) for key in ("name", "base", "type"))
    return f'"{name}" (base {base}, type {kind})'


def listed(records: Sequence[Record]) -> str:
    """Return how messages list models, the first of many."""
    return "; ".join(map(_about, records[:_SHOWN])) + ("; ..." if len(records) > _SHOWN else "")


def _not_accepted(record: Record, accepted: ModelFilter, records: Sequence[Record], place: Place) -> str:
    fitting = [_about(r) for r in records if accepted.accepts(r)]
    shown = "; ".join(fitting[:3]) + ("; ..." if len(fitting) > 3 else "")
    hint = f"The server has {shown}." if fitting else "The server has none of these."
    return f"{place}: {_about(record)} does not fit; the input takes {accepted}. {hint}"


def _explain(ref: ModelRef, matches: Sequence[Record], records: Sequence[Record], place: Place, cure: str) -> str:
    if matches:
        several = f"more than one model is called {ref}: {listed(matches)}"
        return f"{place}: {several}. Pass a ModelRef with base and type, or a key."
    from difflib import get_close_matches

    usable = [r for r in records if _agrees(r, ref.base, ref.type)] or list(records)
    names = [str(r.get("name")) for r in usable]
    near = get_close_matches(ref.name or "", names, n=3, cutoff=0.4) or names[:3]
    nearest = listed([r for n in dict.fromkeys(near) for r in usable if str(r.get("name")) == n])
    hint = f"Nearest: {nearest}." if nearest else "The server has no models."
    return f"{place}: the server has no model {ref}. {hint} {place.cure(cure)}"
