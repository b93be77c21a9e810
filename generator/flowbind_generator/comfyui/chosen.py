"""Which widgets of a workflow are public: the first rule that applies says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flowbind_generator.comfyui import app_mode, declared, marked
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.curated import is_curated, is_file, is_text_or_file
from flowbind_generator.comfyui.knobs import Knob, knobs_of
from flowbind_generator.comfyui.picks import Pick, each_once
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report

_MOST_TOLD = 5


@dataclass(frozen=True)
class Chosen:
    """The public widgets in their order, and which rule chose them, as a sentence for the class's docstring."""

    rule: str
    picks: Sequence[Pick]


def choose(
    prompt: Prompt,
    catalog: Catalog,
    declaration: Declaration | None,
    report: Report,
    further: Collection[str] = (),
) -> Chosen:
    """Return the public widgets of a workflow; what a rule names but a run does not take is reported and left out.

    Those whose addresses are `further` come last.
    """
    if declaration is not None and declaration.inputs:
        rule = f"Its inputs are those that {declaration.place} declares."
        found = declared.picks(prompt, catalog, declaration, report)
    else:
        rule, found = _by_the_file(prompt, knobs_of(prompt, catalog), report)
    more = [Pick(knob, further=True) for knob in knobs_of(prompt, catalog) if knob.address in further]
    return Chosen(rule, each_once([*found, *more], report))


def _by_the_file(prompt: Prompt, knobs: Sequence[Knob], report: Report) -> tuple[str, list[Pick]]:
    if found := app_mode.picks(prompt, knobs, report):
        return "Its inputs are those that its author chose for App mode.", found
    if found := marked.picks(prompt, knobs, report):
        return f'Its inputs are those that its author marked with "{marked.MARK}".', found
    if found := [Pick(k) for k in knobs if k.widget.promoted and k.is_at_root]:
        left = _left_out(knobs, found)
        # The author's files are on no other server.
        files = [Pick(k, beside=True) for k in left if is_file(k)]
        _tell_left_out([k for k in left if not is_file(k)], report)
        and_files = ", and the files that it loads beside them" if files else ""
        return f"Its inputs are the widgets that its subgraphs show{and_files}.", [*found, *files]
    return (
        "Nothing in the workflow says which of its values are inputs: these are its texts, files, seeds, primitives, "
        "sizes and sampling settings.",
        [Pick(k) for k in knobs if is_curated(k)],
    )


def _left_out(knobs: Iterable[Knob], found: Iterable[Pick]) -> list[Knob]:
    """Return the texts and files beside the subgraphs: nothing makes them inputs, but many a run needs others."""
    taken = {target for pick in found for target in pick.knob.targets}
    return [k for k in knobs if is_text_or_file(k) and k.is_at_root and taken.isdisjoint(k.targets)]


def _tell_left_out(left: Sequence[Knob], report: Report) -> None:
    if left:
        told = ", ".join(f"{k.widget.path}.{k.widget.name}" for k in left[:_MOST_TOLD])
        more = f" and {len(left) - _MOST_TOLD} more" if len(left) > _MOST_TOLD else ""
        report.info(
            "FB212",
            f"The widgets of the subgraphs are inputs, not {told}{more} beside them.",
            f'Let the titles of their nodes begin with "{marked.MARK}", or declare the inputs: '
            "`flowbind inspect --all --declare` begins a list.",
            **left[0].whereabouts,
        )
