"""The models of quick helpers: which one is meant, what it is advised to be run with, and what else it needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flowbind.errors import ModelNotFound
from flowbind.invokeai.fields import ModelFilter, ModelInput, ModelRef
from flowbind.invokeai.models.index import ModelIndex, Record, listed
from flowbind.invokeai.runs.lookup import from_json
from flowbind.place import Place
from flowbind.transport.steps import Operation

_PARTS = {
    "t5_encoder": ModelFilter(types=("t5_encoder",)),
    "clip_embed": ModelFilter(types=("clip_embed",), variants=("large",)),
    "vae": ModelFilter(types=("vae",), bases=("flux",)),
}
"""What a FLUX model is run with: models of their own, mostly."""
_ADVISED = ("width", "height", "steps", "cfg_scale", "guidance", "scheduler")
_FEW_STEPS = 4
"""What FLUX schnell is made for; the server advises nothing for it."""


def main_model(helper: str, models: ModelIndex, wanted: ModelInput | None, bases: tuple[str, ...]) -> Operation[Record]:
    """Return the main model that is wanted, or the server's only one of these bases."""
    accepted = ModelFilter(bases=bases, types=("main",))
    if wanted is not None:
        ref = ModelRef(name=wanted) if isinstance(wanted, str) else wanted
        return (yield from models.record(ref, None, Place(f"{helper}: model", True), accepted))
    found = yield from models.fitting(accepted)
    if len(found) == 1:
        return found[0]
    if found:
        raise ModelNotFound(f"{helper}: model: the server has {len(found)} that fit; pass one: {listed(found)}.")
    others = listed((yield from models.fitting(ModelFilter())))
    raise ModelNotFound(
        f"{helper}: model: the server has no {accepted}. {f'It has {others}.' if others else 'It has no models.'} "
        "Install one that fits."
    )


def advice(record: Record) -> Mapping[str, Any]:
    """Return the values that a model is advised to be run with, by the names of arguments."""
    kept = record.get("default_settings")
    few = {"steps": _FEW_STEPS} if record.get("variant") == "schnell" else {}
    advised = few | (dict(kept) if isinstance(kept, dict) else {})
    return {name: advised[name] for name in _ADVISED if advised.get(name) is not None}


def parts(
    helper: str, models: ModelIndex, record: Record, wanted: Collection[str]
) -> Operation[dict[str, ModelRef | None]]:
    """Return what else a model is run with of what is wanted: the server's first that fit, None where it brings it."""
    found: dict[str, ModelRef | None] = {}
    for name in [name for name in _PARTS if name in wanted]:
        # A pipeline has them all.
        found[name] = None if record.get("submodels") else (yield from _part(helper, models, record, name))
    return found


def _part(helper: str, models: ModelIndex, record: Record, name: str) -> Operation[ModelRef]:
    fitting = yield from models.fitting(_PARTS[name])
    if fitting:
        found: ModelRef = from_json("model", fitting[0])
        return found
    needs = f'the model "{record.get("name")}" needs one, and the server has no {_PARTS[name]}'
    raise ModelNotFound(f"{helper}: {name}: {needs}. Install one.")
