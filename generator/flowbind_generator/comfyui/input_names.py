"""What an input could be called: the author's words first, then what its value is used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flowbind_generator.comfyui.curated import is_text_or_file
from flowbind_generator.comfyui.marked import unmarked
from flowbind_generator.comfyui.picks import Pick
from flowbind_generator.comfyui.roles import Roles
from flowbind_generator.names import Candidate
from flowbind_generator.quoting import comment


def authors_words(picks: Sequence[Pick]) -> list[str]:
    """Return what the author calls each input: marked, labelled, or by the title of a node that has no other; or ""."""
    # What comes later changes nothing of what the others are called.
    shown = Counter(pick.knob.widget.path for pick in picks if not pick.further)
    return [_authors_word(pick, is_alone=shown[pick.knob.widget.path] == 1 and not pick.further) for pick in picks]


def _authors_word(pick: Pick, *, is_alone: bool) -> str:
    knob, widget = pick.knob, pick.knob.widget
    is_titled = is_alone and not widget.promoted and (is_text_or_file(knob) or knob.is_primitive)
    texts = ("" if pick.declared else pick.name, unmarked(widget.label), unmarked(knob.title) if is_titled else "")
    return next((text.strip() for text in texts if comment(text).strip()), "")


def candidates(picks: Sequence[Pick], words: Sequence[str], roles: Roles) -> list[Candidate]:
    """Return the candidates for the names of inputs, in their order; `words` are the author's."""
    return [_candidate(pick, word, roles) for pick, word in zip(picks, words, strict=True)]


def _candidate(pick: Pick, word: str, roles: Roles) -> Candidate:
    knob, widget = pick.knob, pick.knob.widget
    if pick.declared:
        # Not the key of a pinned name: what is declared counts for more.
        return Candidate(key=pick.name, names=(pick.name,), owners=())
    first, title = knob.targets[0], unmarked(knob.title)
    # What the editor alone knows gives its value to inputs that have names themselves.
    role = roles.role(first.node_id) if knob.shown.prompt_id == first.node_id else ""
    names = [word]
    if knob.is_primitive:
        names.append(role)
    names += [widget.name] if widget.promoted else [knob.spec.label, knob.spec.name]
    # What is inside of another input the editor calls by the last part of its name; the whole one says whose it is.
    whole = "" if widget.promoted or "." not in knob.spec.name else knob.spec.name
    return Candidate(
        key=f"{first.node_id}/{first.name}",
        names=names,
        owners=(whole, title, role, knob.node_class.display_name, f"node {knob.shown.path}"),
    )
