"""`RANDOM`: a number for each submit, told by the result, and the instance stays as it is."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from click.testing import CliRunner
from generated import Poster
from tests.unit.batch_exports import batch, batched, made
from tests.unit.exports import edge, form, node, picture, resolved, workflow

from flowbind import grid, inputs
from flowbind.drawing import settled
from flowbind.errors import InputError
from flowbind.invokeai import RANDOM
from flowbind.workflow import is_given
from flowbind_generator.cli import main
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .batches import ended, path_of, posted, previewed, take
from .conftest import ROOT, Runner
from .fake_server import FakeServer, as_json

GRAIN = "92ccc580-1c9e-4e4f-8490-f553c0bcdf0a"
SHUFFLE = {"type": "integer-field-config", "showShuffle": True, "min": 1, "max": 1000}


def seeds_of(batch: Any) -> list[Any]:
    """Return the seed that is posted, and the one in the workflow that is stored with pictures."""
    (shown,) = (n for n in batch["workflow"]["nodes"] if n["id"] == GRAIN)
    return [batch["graph"]["nodes"][GRAIN]["seed"], shown["data"]["inputs"]["seed"]["value"]]


def test_each_submit_draws_a_number_and_the_result_tells_it(server: FakeServer, runner: Runner) -> None:
    poster = Poster(grain_seed=RANDOM)
    results = [runner.run(poster) for _ in range(3)]
    sent = [seeds_of(request.json["batch"]) for request in server.sent("POST")]
    assert sent == [[result.varied["grain_seed"]] * 2 for result in results]
    assert len({seed for seed, _ in sent}) == 3
    assert all(isinstance(seed, int) and 0 <= seed < 2**32 for seed, _ in sent)
    assert poster.grain_seed is RANDOM


def test_what_is_set_to_a_number_is_not_told(runner: Runner) -> None:
    assert runner.run(Poster(grain_seed=7)).varied == {}
    assert runner.run(Poster()).varied == {}


def test_a_preview_draws_too() -> None:
    poster = Poster(grain_seed=RANDOM)
    one, same = seeds_of(previewed(poster))
    assert one == same
    assert isinstance(one, int)
    assert poster.grain_seed is RANDOM


def test_the_runs_of_a_batch_have_one_number(server: FakeServer, runner: Runner, catalog: Catalog) -> None:
    shown = form(("n.value", SHUFFLE))
    nodes = (batch("b", "integer", [64, 96], label="Widths"), node("n", "integer", {"value": 5}, label="Seed"))
    study = made(batched(*nodes, edges=["b.value>p.width"], form=shown), catalog)
    take(server, (8, 7))
    for item_id, width in ((7, 64), (8, 96)):
        values = [{"node_path": "p", "field_name": "width", "value": width}]
        server.answer("GET", path_of(item_id), as_json(ended(item_id, field_values=values)))
    (name,) = (i.attribute for i in inputs(study) if i.node == "n")
    results = runner.run_batch(study(**{name: RANDOM}))
    drawn = posted(server)["graph"]["nodes"]["n"]["value"]
    assert 1 <= drawn <= 1000
    assert [result.varied for result in results] == [{name: drawn, "integers": width} for width in (64, 96)]


def test_the_sentinel_survives_copies() -> None:
    poster = Poster(grain_seed=RANDOM)
    for again in (copy.copy(poster), copy.deepcopy(poster), poster.model_copy(), pickle.loads(pickle.dumps(poster))):
        assert again.grain_seed is RANDOM
        assert is_given(again, "grain_seed")
    assert repr(RANDOM) == "RANDOM"
    assert "grain_seed=RANDOM" in repr(poster)


def test_a_sweep_of_random_numbers() -> None:
    posters = grid(Poster(), grain_seed=[RANDOM] * 4)
    assert [poster.grain_seed for poster in posters] == [RANDOM] * 4
    assert len({settled(poster)[0].grain_seed for poster in posters}) == 4


def test_the_limits_are_still_told() -> None:
    assert inputs(Poster).find("grain_seed").limits == {"ge": 0, "le": 2**32 - 1}


@pytest.mark.parametrize("value", [-1, 2**32, "random", None, 0.5, [RANDOM]])
def test_other_values_are_refused_as_before(value: Any) -> None:
    with pytest.raises(InputError) as refused:
        Poster(grain_seed=value)
    assert "Random" not in str(refused.value)


def test_an_input_without_a_button_refuses_it() -> None:
    with pytest.raises(InputError, match=r'Poster\.width \("Width"\) is RANDOM: the form has no shuffle button for it'):
        Poster(width=RANDOM)


def test_one_number_for_an_input_that_takes_a_list_too(catalog: Catalog) -> None:
    settings = {"type": "float-field-config", "showShuffle": True, "min": 2, "max": 3}
    nodes = (picture(), node("d", "denoise_latents", {"cfg_scale": [7.0, 6.0]}))
    document = workflow(*nodes, edges=[edge("p.width", "d.steps")], form=form(("d.cfg_scale", settings)))
    kind = class_of(resolved(document, catalog)[0])
    settled_one, drawn = settled(kind(cfg_scale=RANDOM))
    assert vars(settled_one)["cfg_scale"] == drawn["cfg_scale"]
    assert 2 <= drawn["cfg_scale"] <= 3
    assert kind(cfg_scale=[1.0]) == kind(cfg_scale=[1.0])
    with pytest.raises(InputError):
        kind(cfg_scale=[RANDOM])


def command(*words: str) -> Any:
    """Run the command on the poster."""
    return CliRunner().invoke(main, [words[0], str(ROOT / "workflows" / "poster.json"), *words[1:]])


def test_payload_draws_for_a_setting() -> None:
    for word in ("random", "RANDOM", "Random"):
        done = command("payload", "--set", f"grain_seed={word}")
        assert done.exit_code == 0, done.stderr
        seed, same = seeds_of(json.loads(done.stdout)["batch"])
        assert seed == same
        assert isinstance(seed, int)


def test_a_setting_is_random_only_where_the_input_offers_it() -> None:
    done = command("payload", "--set", "width=random", "--set", "series=random")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == ["Poster.width (\"Width\") is 'random': Input should be a valid integer."]
    done = command("payload", "--set", "series=random")
    assert '"random"' in done.stdout


def test_run_tells_what_was_drawn(server: FakeServer) -> None:
    words = ("--url", server.url, "--check", "off", "--format", "json")
    done = command("run", "--set", "grain_seed=random", *words)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["varied"] == {"grain_seed": posted(server)["graph"]["nodes"][GRAIN]["seed"]}


def test_inspect_tells_which_input_offers_it() -> None:
    lines = command("inspect").stdout.splitlines()
    assert [line.split()[1] for line in lines if "IntegerField or RANDOM" in line] == ["grain_seed"]
    found = json.loads(command("inspect", "--format", "json").stdout)["inputs"]
    assert {i["attribute"]: i["random"] for i in found if i["random"]} == {
        "grain_seed": {"minimum": 0, "maximum": 2**32 - 1, "step": 1}
    }
