"""Sweeps: every combination, every value checked once, nothing shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from generated import GrainStudy, ImageToImageSd15, Poster, RegionCaption
from generated.field_types import Ideogram4Region
from tests.unit.exports import edge, form, node, picture, resolved, workflow

from flowbind import grid, random_seeds, zipped
from flowbind.errors import InputError
from flowbind.invokeai import UNSET
from flowbind.workflow import Workflow, is_given
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of


def test_a_grid_has_every_combination_and_the_last_name_varies_fastest() -> None:
    base = Poster(grain=0.3)
    made = grid(base, series=["Spring", "Summer"], grain_seed=range(3))
    assert [(one.series, one.grain_seed) for one in made] == [(s, n) for s in ("Spring", "Summer") for n in range(3)]
    assert {one.grain for one in made} == {0.3}
    assert made[0].model_fields_set == {"grain", "series", "grain_seed"}
    assert base == Poster(grain=0.3)


def test_lists_that_are_zipped_advance_together() -> None:
    made = zipped(Poster(), series=iter(["Spring", "Summer"]), grain_seed=(n * n for n in (2, 3)))
    assert [(one.series, one.grain_seed) for one in made] == [("Spring", 4), ("Summer", 9)]


@pytest.mark.parametrize("sweep", [grid, zipped])
def test_without_names_there_is_a_copy_of_the_base(sweep: Any) -> None:
    base = GrainStudy(width=32)
    (only,) = sweep(base)
    assert only == base
    assert only is not base
    assert only.model_fields_set == {"width"}
    assert sweep(base, width=[]) == []


def test_lists_of_several_lengths_are_named() -> None:
    with pytest.raises(InputError, match=r'Poster\.series \("Series"\) has 1, Poster\.grain_seed .* has 2\.'):
        zipped(Poster(), series=["Spring"], grain_seed=[1, 2])


@pytest.mark.parametrize("sweep", [grid, zipped])
def test_all_that_is_refused_is_told_at_once(sweep: Any) -> None:
    with pytest.raises(InputError) as refused:
        sweep(Poster(), grain=[0.1, 2, "much"], sreies=["Spring", "Summer"], width=[64, None, 32], series="Spring")
    found = refused.value.problems
    assert len(found) == 5
    for said in ("grain", "'much'", "has no input 'sreies': did you mean series?", "width", "write series=[...]"):
        assert any(said in problem for problem in found), said


@pytest.mark.parametrize("bare", ["Spring", b"Spring", 7, None, {"Spring": 1}, Ideogram4Region(prompt="a boat")])
def test_one_value_is_no_list_of_values(bare: Any) -> None:
    with pytest.raises(InputError, match=r"takes a list of values here: write series=\[\.\.\.\]"):
        grid(Poster(), series=bare)


@pytest.mark.parametrize("name", ["_hidden", "__flowbind__", "model_config", "base"])
def test_a_name_that_is_no_input_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"Poster has no input '{name}'"):
        grid(Poster(), **{name: [1]})


def test_each_value_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[tuple[str, object]] = []
    check = Poster.__setattr__

    def counted(self: Poster, name: str, value: object) -> None:
        checked.append((name, value))
        check(self, name, value)

    monkeypatch.setattr(Poster, "__setattr__", counted)
    made = grid(Poster(), series=["Spring", "Summer"], grain_seed=range(500))
    assert len(made) == 1000
    assert len(checked) == 502


def test_values_are_taken_as_the_class_takes_them() -> None:
    (one,) = grid(Poster(), softness=[3])
    assert (one.softness, type(one.softness)) == (3.0, float)


def test_nothing_that_can_change_is_shared() -> None:
    base = GrainStudy(amounts=[0.1])
    own = [1, 2]
    made = grid(base, seeds=[own], width=[32, 64])
    first, second = made
    first.amounts.append(0.2)
    first.seeds.append(3)
    first.softness.append(9.0)
    assert (second.amounts, second.seeds, second.softness) == ([0.1], [1, 2], [0.0, 1.5, 4.0])
    assert (base.amounts, base.softness, own) == ([0.1], [0.0, 1.5, 4.0], [1, 2])
    assert is_given(first, "softness")
    assert not is_given(second, "softness")


def test_objects_are_not_shared_either() -> None:
    region = Ideogram4Region(prompt="a boat")
    first, second = grid(RegionCaption(regions=[region]), prompt=["sea", "sky"])
    first.regions[0].prompt = "a gull"
    assert (second.regions[0].prompt, region.prompt) == ("a boat", "a boat")


def test_a_required_input_stays_set() -> None:
    made = grid(ImageToImageSd15(source_image=b"a picture", model="Any"), seed=[1, 2])
    assert [one.source_image for one in made] == [b"a picture"] * 2


def test_an_input_that_another_node_feeds_is_refused(catalog: Catalog) -> None:
    nodes = (node("n", "integer", {"value": 7}), picture(width=64, height=64))
    document = workflow(*nodes, edges=[edge("n.value", "p.width")], form=form("p.width", "p.height"))
    made = class_of(resolved(document, catalog)[0])
    with pytest.raises(InputError, match="read-only") as refused:
        grid(made(), width=[1, 2, 3])
    assert len(refused.value.problems) == 1
    assert [vars(one)["height"] for one in grid(made(), height=[8, 16])] == [8, 16]


def test_an_input_whose_default_is_unset(catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "noise", {"width": 7, "seed": 0}), form=form("n.width", "n.seed"))
    made: type[Workflow[Any]] = class_of(resolved(document, catalog)[0])
    assert [vars(one)["width"] for one in grid(made(), seed=[1, 2])] == [UNSET, UNSET]
    assert [vars(one)["width"] for one in grid(made(), width=[8, 16])] == [8, 16]


def test_random_seeds_differ_and_can_be_had_again() -> None:
    seeds = random_seeds(1000)
    assert len(set(seeds)) == 1000
    assert all(0 <= one < 2**32 for one in seeds)
    assert max(seeds) > 2**31
    assert seeds != random_seeds(1000)
    assert random_seeds(5, seed=1) == random_seeds(5, seed=1) != random_seeds(5, seed=2)
    assert sorted(random_seeds(3, maximum=2)) == [0, 1, 2]
    assert random_seeds(0) == []


@pytest.mark.parametrize(("n", "maximum"), [(-1, 9), (4, 2), (2**32 + 1, 2**32 - 1), (1, -1)])
def test_there_are_only_so_many_seeds(n: int, maximum: int) -> None:
    with pytest.raises(ValueError, match=f"There are no {n} different seeds"):
        random_seeds(n, maximum=maximum)


def test_nothing_is_made_before_all_is_checked() -> None:
    gone: list[int] = []

    def seeds() -> Iterator[int]:
        for n in (1, -1, 2):
            gone.append(n)
            yield n

    with pytest.raises(InputError):
        grid(Poster(), grain_seed=seeds())
    assert gone == [1, -1, 2]
