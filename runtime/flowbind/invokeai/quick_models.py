"""The models of quick helpers: which one is meant, what it is advised to be run with, and what else it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind.errors import ModelNotFound
from flowbind.invokeai._wire import Operation
from flowbind.invokeai.fields import ModelFilter, ModelInput, ModelRef
from flowbind.invokeai.models import ModelIndex, Record, listed
from flowbind.invokeai.place import Place

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


def part(helper: str, models: ModelIndex, name: str, record: Record) -> Operation[Record | None]:
    """Return the server's first model that can be a part of another; None where that one brings its own."""
    if name not in _PARTS or record.get("submodels"):
        return None
    found = yield from models.fitting(_PARTS[name])
    if not found:
        raise ModelNotFound(
            f'{helper}: {name}: the model "{record["name"]}" needs one, and the server has no {_PARTS[name]}. '
            "Install one."
        )
    return found[0]
