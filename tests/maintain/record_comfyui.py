"""Record what a real ComfyUI answers and tells: COMFYUI_URL=... python -m tests.maintain.record_comfyui.

Writes `tests/recorded/comfyui/*.jsonl`. The server is freed of its cache, its queue and its history: give it one of its
own, started with `--cpu --preview-method latent2rgb --preview-size 64`. What needs a checkpoint is left as it is where
the server has none; a small one of Stable Diffusion 1.5 with random weights will do.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.fidelity.pictures import grey
from tests.maintain.comfyui_prompts import everything, faulty, node, pictures, sampled, slow
from tests.maintain.comfyui_recorder import Recorder

FOLDER = Path(__file__).parents[1] / "recorded" / "comfyui"


def success(client: Recorder) -> None:
    """One run, and what can be asked afterwards."""
    for path in ("/system_stats", "/features", "/queue", "/prompt"):
        client.ask("GET", path)
    with client.listening():
        prompt_id = client.run(pictures(1), extra_data={"extra_pnginfo": {"workflow": {"nodes": []}}})
        for output in client.ask("GET", f"/history/{prompt_id}").json()[prompt_id]["outputs"].values():
            for item in output["images"]:
                client.ask("GET", "/view?" + "&".join(f"{name}={value}" for name, value in item.items()))
        client.ask("GET", f"/view?filename={item['filename']}&type={item['type']}&preview=webp;50")
        for path in ("/history?max_items=1", "/api/jobs", "/models/nope", "/history/nope", "/api/jobs/nope", "/nope"):
            client.ask("GET", path)


def cached_and_partial(client: Recorder) -> None:
    """The same prompt twice, then one of its outputs, and ids that the client chooses."""
    with client.listening({}):
        client.run(pictures(2), note="first run")
        client.run(pictures(2), note="second identical run")
        client.run(pictures(3), note="one output only", partial_execution_targets=["5"])
        client.run(pictures(4), note="an id of the client", prompt_id="6f0d3a52-0f7e-4c39-8a53-0d8a1a6f4a01")


def uploads(client: Recorder) -> None:
    """Files that get a number, replace another one, are refused, and one that is used."""
    data = grey(64, 40)
    with client.listening({}):
        client.upload("my pic.png", data, subfolder="sub dir")
        client.upload("my pic.png", data, subfolder="sub dir", note="same name, same bytes")
        client.upload("my pic.png", grey(64, 50), subfolder="sub dir", note="same name, other bytes")
        client.upload("my pic.png", data, subfolder="sub dir", overwrite="true")
        client.upload("grün [1].png", data, type="temp")
        client.upload("x.png", data, subfolder="../..", note="out of the folder")
        client.ask("POST", "/upload/image", files={"nothing": ("x.png", b"x")}, note="no image")
        client.run(
            {
                "1": node("LoadImage", image="sub dir/my pic.png"),
                "2": node("SaveImage", images=["1", 0], filename_prefix="up/pic"),
            }
        )
        client.ask("GET", "/view?filename=my pic.png&subfolder=sub dir&type=input")
        client.ask("GET", "/view?filename=nope.png&type=input")
        client.ask("GET", "/view?filename=../x.png&type=input")


def refused(client: Recorder) -> None:
    """Prompts with one fault each; some are run without the output that is at fault."""
    with client.listening({}):
        for fault, graph in faulty().items():
            if prompt_id := client.post(graph, note=fault):
                client.wait(prompt_id)
        client.ask("POST", "/prompt", {"x": 1}, note="no prompt")
        client.ask("POST", "/prompt", content="{not json", note="no JSON")


def failures(client: Recorder) -> None:
    """Runs that fail."""
    with client.listening({}):
        small = node("EmptyImage", width=8, height=8, batch_size=1, color=6)
        saved = node("SaveImage", images=["1", 0], filename_prefix="../../escape")
        client.run({"1": small, "2": saved}, note="a picture outside of the folder")
        client.upload("broken.png", b"no picture")
        loaded = {"1": node("LoadImage", image="broken.png"), "2": node("PreviewImage", images=["1", 0])}
        client.run(loaded, note="a file that is no picture")


def stopped(client: Recorder) -> None:
    """A queue of prompts, of which some are deleted and some interrupted."""
    with client.listening({}):
        first = client.post(slow(1), note="runs")
        second, third = (client.post(slow(color), note="waits") for color in (2, 3))
        ahead = client.post(slow(4), front=True, note="waits, ahead of the others")
        client.wait_for("executing", first)
        client.ask("GET", "/queue")
        client.ask("GET", "/api/jobs?status=pending,in_progress")
        client.ask("POST", "/queue", {"delete": [second]})
        client.ask("GET", "/queue", note="after delete")
        client.ask("POST", "/interrupt", {"prompt_id": third}, note="of one that waits: no effect")
        client.ask("POST", "/interrupt", {"prompt_id": first}, note="of the one that runs")
        client.wait(first)
        client.told(first)
        client.told(second)
        client.ask("POST", "/queue", {"clear": True})
        client.wait_for("executing", ahead)
        client.ask("GET", "/queue", note="after clear")
        client.ask("POST", "/interrupt", note="of whatever runs")
        client.wait(ahead)
        client.ask("POST", "/history", {"delete": [first]})
        client.ask("GET", f"/history/{first}")
        client.ask("POST", "/history", {"clear": True})
        client.ask("GET", "/history")
        client.ask("POST", "/free", {"unload_models": True, "free_memory": True})


def outputs(client: Recorder) -> None:
    """Everything that is shown without a model."""
    with client.listening({}):
        client.run(everything())


def two_clients(url: str) -> None:
    """Two clients at a time, and a prompt that is nobody's; one of the two comes back."""
    one, other = Recorder(url), Recorder(url)
    with one.listening({}), other.listening({}):
        first, second = one.post(pictures(8), note="A"), other.post(pictures(9), note="B")
        one.wait(first)
        other.wait(second)
        nobodys = one.post(pictures(10), note="without a client id", client=False)
        time.sleep(1)
        one.ask("GET", f"/history/{nobodys}")
    with one.listening({}):
        pass
    one.write(FOLDER / "07_two_clients_A.jsonl")
    other.write(FOLDER / "07_two_clients_B.jsonl")


def previews(client: Recorder, checkpoint: str, *, told: bool) -> None:
    """Two steps of a sampler with a preview of each."""
    with client.listening(None if not told else {"supports_preview_metadata": True}):
        client.run(sampled(checkpoint, 1 + told, 2))


def interrupted_sampling(client: Recorder, checkpoint: str) -> None:
    """A sampler that is stopped after its first step."""
    with client.listening():
        prompt_id = client.post(sampled(checkpoint, 3, 40))
        client.wait_for("progress", prompt_id)
        client.ask("POST", "/interrupt", {"prompt_id": prompt_id})
        client.wait(prompt_id)
        client.told(prompt_id)


def main(url: str) -> None:
    """Record everything that the server can do."""
    scenarios: dict[str, Callable[[Recorder], None]] = {
        "01_success": success,
        "02_cached_and_partial": cached_and_partial,
        "03_upload_load_save": uploads,
        "04_validation_errors": refused,
        "05_execution_errors": failures,
        "06_queue_delete_interrupt": stopped,
        "10_output_kinds": outputs,
    }
    first = Recorder(url)
    models = first.ask("GET", "/models/checkpoints").json()
    if models:
        scenarios["08_previews_legacy"] = lambda client: previews(client, models[0], told=False)
        scenarios["08_previews_metadata"] = lambda client: previews(client, models[0], told=True)
        scenarios["09_interrupt_sampling"] = lambda client: interrupted_sampling(client, models[0])
    for name, scenario in scenarios.items():
        first.ask("POST", "/queue", {"clear": True})
        first.ask("POST", "/history", {"clear": True})
        first.ask("POST", "/free", {"free_memory": True})
        time.sleep(1)
        client = Recorder(url)
        scenario(client)
        client.write(FOLDER / f"{name}.jsonl")
    two_clients(url)


if __name__ == "__main__":
    main(os.environ.get("COMFYUI_URL") or sys.exit("COMFYUI_URL names no server"))
