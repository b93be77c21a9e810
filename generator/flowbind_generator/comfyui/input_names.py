"""What an input could be called: the author's words first, then what its value is used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flowbind_generator.comfyui.curated import is_text_or_file
from flowbind_generator.comfyui.marked import unmarked
from flowbind_generator.comfyui.picks import Pick
from flowbind_generator.comfyui.roles import Roles
from flowbind_generator.names import Candidate


def candidates(picks: Sequence[Pick], roles: Roles) -> list[Candidate]:
    """Return the candidates for the names of inputs, in their order."""
    shown = Counter(pick.knob.widget.path for pick in picks)
    return [_candidate(pick, shown[pick.knob.widget.path] == 1, roles) for pick in picks]


def _candidate(pick: Pick, is_alone: bool, roles: Roles) -> Candidate:
    knob, widget = pick.knob, pick.knob.widget
    if pick.declared:
        # Not the key of a pinned name: what is declared counts for more.
        return Candidate(key=pick.name, names=(pick.name,), owners=())
    first, title = knob.targets[0], unmarked(knob.title)
    # What the editor alone knows gives its value to inputs that have names themselves.
    role = roles.role(first.node_id) if knob.shown.prompt_id == first.node_id else ""
    names = [pick.name, unmarked(widget.label)]
    if is_alone and not widget.promoted and (is_text_or_file(knob) or knob.is_primitive):
        names.append(title)
    if knob.is_primitive:
        names.append(role)
    names += [widget.name] if widget.promoted else [knob.spec.label, knob.spec.name]
    return Candidate(
        key=f"{first.node_id}/{first.name}",
        names=names,
        owners=(title, role, knob.node_class.display_name, f"node {knob.shown.path}"),
    )
