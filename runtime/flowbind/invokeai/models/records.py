"""The models of a server one by one: listed, found, changed, converted, deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowbind.errors import NotFound, NotTheApi, Refused, UnexpectedReply
from flowbind.invokeai.ability import Ability
from flowbind.invokeai.fields import ModelInput, ModelRef
from flowbind.invokeai.models.index import ModelIndex, list_models, records_of
from flowbind.invokeai.models.installed import InstalledModel
from flowbind.invokeai.models.words import answered
from flowbind.invokeai.runs.recovery import Supports
from flowbind.transport.steps import Call, Operation, Params, Reply
from flowbind.transport.wire import answer_to, get, quoted, read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import DeletedModels

MODELS = "/api/v2/models"
_BY_HASH = f"{MODELS}/get_by_hash"
_DELETE_MANY = f"{MODELS}/i/bulk_delete"
_FINDING_HASHES = Ability("find a model by its hash", "6.12", "GET", _BY_HASH)
_DELETING_MANY = Ability("delete several models at once", "6.10", "POST", _DELETE_MANY)


def listed(
    base: str | Sequence[str] | None, kind: str | None, name: str | None, form: str | None
) -> Operation[list[InstalledModel]]:
    """Return the models that have what is given; `kind` is the type, `form` the format."""
    # One that is named twice is listed twice.
    bases = [base] if isinstance(base, str) else list(dict.fromkeys(base or ()))
    if base is not None and not bases:
        return []
    given = {"base_models": bases, "model_type": kind, "model_name": name, "model_format": form}
    asked: Params = {key: value for key, value in given.items() if value}
    document = yield from answered((yield from answer_to(Call("GET", f"{MODELS}/", asked))))
    return [InstalledModel.of(record) for record in records_of(document)]


def by_key(key: str) -> Operation[InstalledModel]:
    """Return the model with a key."""
    return _model((yield from get(f"{MODELS}/i/{quoted(key)}")))


def by_hash(hash: str, supports: Supports) -> Operation[InstalledModel]:
    """Return the model with a hash; from the whole list where the server cannot be asked for it (before 6.12)."""
    try:
        return _model((yield from _FINDING_HASHES.tried(get(_BY_HASH, {"hash": hash}), supports)))
    except NotTheApi:
        matches = [record for record in (yield from list_models()) if record.get("hash") == hash]
    if not matches:
        raise NotFound(f"The server has no model with the hash {hash}: it was deleted, or it is wrong.", status=404)
    return InstalledModel.of(matches[0])


def by_attributes(name: str, base: str, kind: str) -> Operation[InstalledModel]:
    """Return the first model with a name, base and type."""
    asked = {"name": name, "base": base, "type": kind}
    return _model((yield from answered((yield from answer_to(Call("GET", f"{MODELS}/get_by_attrs", asked))))))


def missing(supports: Supports) -> Operation[list[InstalledModel]]:
    """Return the models whose files are gone."""
    path = f"{MODELS}/missing"
    document = yield from Ability("tell which models' files are gone", "6.12", "GET", path).tried(get(path), supports)
    return [InstalledModel.of(record) for record in records_of(document)]


def found(model: ModelInput, models: ModelIndex) -> Operation[InstalledModel]:
    """Return the one model that is meant."""
    return InstalledModel.of((yield from models.one(model)))


def updated(model: ModelInput, changes: Mapping[str, Any], models: ModelIndex) -> Operation[InstalledModel]:
    """Change what the server tells of a model; what is None stays."""
    changed = {name: value for name, value in changes.items() if value is not None}
    if not changed:
        raise ValueError(f"update: nothing to change is given; it takes {', '.join(changes)}")
    path = f"{MODELS}/i/{quoted((yield from _key(model, models)))}"
    reply: Reply = yield Call("PATCH", path, content=json.dumps(changed).encode())
    made = _model((yield from answered(reply)))
    models.forget()
    return made


def converted(model: ModelInput, timeout: float, models: ModelIndex) -> Operation[InstalledModel]:
    """Have the server make diffusers of a checkpoint; the answer takes as long as that does."""
    key = yield from _key(model, models)
    reply: Reply = yield Call("PUT", f"{MODELS}/convert/{quoted(key)}", timeout=timeout)
    # Whatever the answer is: it may have been done.
    models.forget()
    return _model((yield from answered(reply)))


def identified(model: ModelInput, supports: Supports, models: ModelIndex) -> Operation[InstalledModel]:
    """Have the server look at the files of a model again."""
    key = yield from _key(model, models)
    asking = send("POST", f"{MODELS}/i/{quoted(key)}/reidentify")
    identifying = Ability("look at a model's files again", "6.9", "POST", f"{MODELS}/i/{{key}}/reidentify")
    made = _model((yield from identifying.tried(asking, supports)))
    models.forget()
    return made


def deleted(meant: Sequence[ModelInput], supports: Supports, models: ModelIndex) -> Operation[DeletedModels]:
    """Delete models; what failed is told, and stops nothing."""
    from flowbind.invokeai._rest import DeletedModels

    keys: list[str] = []
    for model in meant:
        keys.append((yield from _key(model, models)))
    if not keys:
        return DeletedModels(deleted=[], failed=[])
    models.forget()
    try:
        asking = send("POST", _DELETE_MANY, {"keys": keys})
        return read(DeletedModels, (yield from _DELETING_MANY.tried(asking, supports)))
    except NotTheApi:
        done = DeletedModels(deleted=[], failed=[])
    for key in keys:
        try:
            yield from send("DELETE", f"{MODELS}/i/{quoted(key)}")
            done.deleted.append(key)
        except (NotFound, Refused) as error:
            done.failed.append({"key": key, "error": str(error)})
    return done


def _key(model: ModelInput, models: ModelIndex) -> Operation[str]:
    if isinstance(model, ModelRef) and model.key:
        return model.key
    return str((yield from models.one(model))["key"])


def _model(document: Any) -> InstalledModel:
    if not isinstance(document, dict):
        raise UnexpectedReply("The server's answer is no model.")
    return InstalledModel.of(document)
