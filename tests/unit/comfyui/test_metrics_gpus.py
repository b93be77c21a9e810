"""The custom node that serves metrics: what drivers, the kernel and PyTorch tell of GPUs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace as Named
from typing import Any

import pytest

from comfyui_metrics import amd, nvidia
from comfyui_metrics.gpu import bus_mark
from comfyui_metrics.gpus import gpus

GIB = 1 << 30
TWO = """\
0, GPU-ffc79498-8ff3-c2dc-3b0d-fafd804516ae, 00000000:01:00.0, 97, 24576, 20133, 71, 341.52, NVIDIA GeForce RTX 4090
1, GPU-0a3e1f5c-77aa-4f1e-9d62-61c2b2e4a111, 00000000:41:00.0, 0, 12288, 5, 33, 12.07, NVIDIA GeForce RTX 3060
"""
ADDRESSES = ["0:1:0", "0:41:0"]
UUIDS = ["ffc79498-8ff3-c2dc-3b0d-fafd804516ae", "0a3e1f5c-77aa-4f1e-9d62-61c2b2e4a111"]
NOTHING_ELSE = {"load_percent": None, "memory_total": None, "memory_used": None, "power_watts": None}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a driver, and a program that has loaded neither PyTorch nor ComfyUI."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setattr(amd, "_DRIVER", tmp_path / "amdgpu")
    for name in ("torch", "comfy.model_management"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.fixture
def nvidia_smi(tmp_path: Path) -> Callable[..., None]:
    """What puts a program called nvidia-smi on the PATH, which does what a shell is told."""

    def install(script: str) -> None:
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin/nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return install


def printing(text: str, code: int = 0) -> str:
    """Return a script that prints a text."""
    return f"/bin/cat <<'END'\n{text.rstrip()}\nEND\nexit {code}"


def loaded(
    monkeypatch: pytest.MonkeyPatch, properties: Iterable[Any] = (), hip: str | None = None, **more: Any
) -> None:
    """Let a PyTorch be loaded that has begun to use GPUs with some properties."""
    found = list(properties)
    cuda = Named(
        is_initialized=lambda: bool(found), device_count=lambda: len(found), get_device_properties=found.__getitem__
    )
    monkeypatch.setitem(sys.modules, "torch", Named(cuda=cuda, version=Named(hip=hip), **more))


def on_bus(bus: int, name: str = "a GPU") -> Any:
    """Return the properties of a GPU that a newer PyTorch tells."""
    return Named(name=name, pci_domain_id=0, pci_bus_id=bus, pci_device_id=0)


def computes_on(monkeypatch: pytest.MonkeyPatch, kind: str, index: int | None) -> None:
    """Let ComfyUI have chosen a device."""
    management = Named(get_torch_device=lambda: Named(type=kind, index=index))
    monkeypatch.setitem(sys.modules, "comfy.model_management", management)


def test_a_machine_without_a_gpu() -> None:
    assert gpus() == []


def test_several_gpus_of_nvidia(nvidia_smi: Callable[..., None]) -> None:
    nvidia_smi(printing(TWO))
    assert gpus() == [
        {
            "index": 0,
            "name": "NVIDIA GeForce RTX 4090",
            "torch_index": None,
            "load_percent": 97,
            "memory_total": 24 * GIB,
            "memory_used": 20133 << 20,
            "temperature_celsius": 71,
            "power_watts": 341.52,
        },
        {
            "index": 1,
            "name": "NVIDIA GeForce RTX 3060",
            "torch_index": None,
            "load_percent": 0,
            "memory_total": 12 * GIB,
            "memory_used": 5 << 20,
            "temperature_celsius": 33,
            "power_watts": 12.07,
        },
    ]


def test_nvidia_smi_is_asked_for_what_is_read(nvidia_smi: Callable[..., None], tmp_path: Path) -> None:
    nvidia_smi(f'echo "$@" >{tmp_path}/asked')
    gpus()
    assert (tmp_path / "asked").read_text().split() == [
        "--query-gpu=index,uuid,pci.bus_id,utilization.gpu,memory.total,memory.used,temperature.gpu,power.draw,name",
        "--format=csv,noheader,nounits",
    ]


@pytest.mark.parametrize(
    "word", ["[N/A]", "N/A", "[Not Supported]", "[Unknown Error]", "[GPU requires reset]", "", "nan", "inf"]
)
def test_what_nvidia_smi_does_not_know_is_none(nvidia_smi: Callable[..., None], word: str) -> None:
    nvidia_smi(printing(f"0, {word}, {word}, {word}, {word}, {word}, 45, {word}, NVIDIA GB10, Tegra"))
    assert gpus() == [
        {"index": 0, "name": "NVIDIA GB10, Tegra", "torch_index": None, "temperature_celsius": 45, **NOTHING_ELSE}
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("No devices were found", 6),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9),
        ('Field "power.draw" is not a valid field to query.', 2),
        ("Unable to determine the device handle for GPU0000:01:00.0: Unknown Error", 255),
        ("a, b, c, d, e, f, g, h, i", 0),
        ("\x00\ufffd", 0),
        ("", 1),
    ],
)
def test_a_nvidia_smi_that_tells_no_gpu(nvidia_smi: Callable[..., None], text: str, code: int) -> None:
    nvidia_smi(printing(text, code))
    assert gpus() == []


def test_gpus_beside_one_that_is_lost(nvidia_smi: Callable[..., None]) -> None:
    nvidia_smi(printing(f"Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost.\n{TWO}", 15))
    assert [gpu["index"] for gpu in gpus()] == [0, 1]


def test_a_driver_that_does_not_answer_is_left(
    nvidia_smi: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia_smi("exec /bin/sleep 600")
    monkeypatch.setattr(nvidia, "_PATIENCE", 0.2)
    with pytest.raises(subprocess.TimeoutExpired):
        gpus()


class Nvml:
    """A stand-in for NVML's package: two GPUs, of which one tells nothing but its number."""

    NVML_TEMPERATURE_GPU = 0

    def __init__(self) -> None:
        self.open = 0

    def nvmlInit(self) -> None:
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        if index == 1:
            raise RuntimeError("GPU is lost")
        return "handle"

    def nvmlDeviceGetUUID(self, _: str) -> bytes:
        return f"GPU-{UUIDS[0]}".encode()

    def nvmlDeviceGetPciInfo(self, _: str) -> Any:
        return Named(busId=b"00000000:01:00.0")

    def nvmlDeviceGetName(self, _: str) -> bytes:
        return b"NVIDIA GeForce RTX 4090"

    def nvmlDeviceGetUtilizationRates(self, _: str) -> Any:
        return Named(gpu=97, memory=40)

    def nvmlDeviceGetMemoryInfo(self, _: str) -> Any:
        return Named(total=24 * GIB, used=20 * GIB, free=4 * GIB)

    def nvmlDeviceGetTemperature(self, _: str, sensor: int) -> int:
        assert sensor == self.NVML_TEMPERATURE_GPU
        return 71

    def nvmlDeviceGetPowerUsage(self, _: str) -> int:
        raise RuntimeError("Not Supported")


def test_nvml_is_asked_where_its_package_is(nvidia_smi: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(printing("0, not asked"))
    nvml = Nvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    loaded(monkeypatch, [on_bus(1)])
    known, lost = gpus()
    assert known == {
        "index": 0,
        "name": "NVIDIA GeForce RTX 4090",
        "torch_index": 0,
        "load_percent": 97,
        "memory_total": 24 * GIB,
        "memory_used": 20 * GIB,
        "temperature_celsius": 71,
        "power_watts": None,
    }
    assert lost == {"index": 1, "name": None, "torch_index": None, "temperature_celsius": None, **NOTHING_ELSE}
    assert nvml.open == 0


def test_nvidia_smi_is_asked_where_nvml_fails(nvidia_smi: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(printing(TWO))
    monkeypatch.setitem(sys.modules, "pynvml", Named())
    assert [gpu["name"] for gpu in gpus()] == ["NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 3060"]


def amd_card(root: Path, address: str, **files: str) -> None:
    """Let the kernel have a GPU of AMD's; two underscores stand for the folder of its sensors."""
    device = root / "amdgpu" / address
    sensors = device / "hwmon/hwmon4"
    sensors.mkdir(parents=True)
    for name, text in files.items():
        (sensors / name[2:] if name.startswith("__") else device / name).write_text(f"{text}\n")


def test_gpus_of_amd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = {"gpu_busy_percent": "88", "mem_info_vram_total": str(16 * GIB), "mem_info_vram_used": str(3 * GIB)}
    amd_card(tmp_path, "0000:0c:00.0", **card, product_name="", __temp1_input="64000", __power1_average="203000000")
    amd_card(tmp_path, "0000:03:00.0", product_name="AMD Instinct MI210", __temp2_input="51500", __power1_input="4e7")
    loaded(monkeypatch, [on_bus(0xC, "AMD Radeon RX 7800 XT")], hip="6.4")
    first, second = gpus()
    assert first == {
        "index": 0,
        "name": "AMD Instinct MI210",
        "torch_index": None,
        "load_percent": None,
        "memory_total": None,
        "memory_used": None,
        "temperature_celsius": 51.5,
        "power_watts": 40,
    }
    assert second == {
        "index": 1,
        "name": "AMD Radeon RX 7800 XT",
        "torch_index": 0,
        "load_percent": 88,
        "memory_total": 16 * GIB,
        "memory_used": 3 * GIB,
        "temperature_celsius": 64,
        "power_watts": 203,
    }


def test_files_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    amd_card(tmp_path, "0000:03:00.0", gpu_busy_percent="busy", mem_info_vram_total="")
    (tmp_path / "amdgpu/0000:03:00.0/mem_info_vram_used").mkdir()
    (tmp_path / "amdgpu/module").mkdir()
    assert gpus() == [{"index": 0, "name": None, "torch_index": None, "temperature_celsius": None, **NOTHING_ELSE}]


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param([on_bus(0x41), on_bus(1)], id="newer, by their place"),
        pytest.param([Named(name="b", uuid=UUIDS[1]), Named(name="a", uuid=UUIDS[0])], id="older, by their ids"),
    ],
)
def test_pytorch_has_an_order_of_its_own(
    nvidia_smi: Callable[..., None], monkeypatch: pytest.MonkeyPatch, properties: list[Any]
) -> None:
    nvidia_smi(printing(TWO))
    loaded(monkeypatch, properties)
    computes_on(monkeypatch, "cuda", 0)
    assert [(gpu["index"], gpu["torch_index"]) for gpu in gpus()] == [(0, 1), (1, 0)]


def test_a_gpu_that_the_server_does_not_see_has_no_number_of_pytorchs(
    nvidia_smi: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia_smi(printing(TWO))
    loaded(monkeypatch, [on_bus(0x41)])
    assert [gpu["torch_index"] for gpu in gpus()] == [None, 0]


def test_a_pytorch_that_uses_no_gpu_is_asked_for_none(
    nvidia_smi: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia_smi(printing(TWO))
    loaded(monkeypatch)
    sys.modules["torch"].cuda.device_count = lambda: pytest.fail("that would take memory of each GPU")
    computes_on(monkeypatch, "cpu", None)
    assert [gpu["torch_index"] for gpu in gpus()] == [None, None]


def test_an_old_pytorch_does_not_say_which_it_is(
    nvidia_smi: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia_smi(printing(TWO))
    loaded(monkeypatch, [Named(name="NVIDIA GeForce RTX 4090")])
    computes_on(monkeypatch, "cuda", 0)
    assert [gpu["torch_index"] for gpu in gpus()] == [None, None]


def device(**memory: Any) -> Any:
    """Return what PyTorch knows of a kind of device."""
    return Named(get_device_name=lambda _: "Arc B580", **memory)


@pytest.mark.parametrize(
    ("kind", "index", "asked", "told"),
    [
        ("xpu", 0, device(mem_get_info=lambda _: (3 * GIB, 12 * GIB)), ("Arc B580", 0, 12 * GIB, 9 * GIB)),
        ("npu", 1, device(), ("Arc B580", 1, None, None)),
        (
            "mps",
            None,
            Named(recommended_max_memory=lambda: 9 * GIB, driver_allocated_memory=lambda: GIB),
            ("mps", 0, 9 * GIB, GIB),
        ),
        ("privateuseone", 0, None, ("privateuseone", 0, None, None)),
    ],
)
@pytest.mark.parametrize("beside", [False, True])
def test_a_device_that_no_driver_tells_of_is_the_servers_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    index: int | None,
    asked: Any,
    told: tuple[str, int, int, int],
    beside: bool,
) -> None:
    if beside:
        amd_card(tmp_path, "0000:0c:00.0")
    loaded(monkeypatch, **{kind: asked})
    computes_on(monkeypatch, kind, index)
    *others, own = gpus()
    assert [gpu["torch_index"] for gpu in others] == ([None] if beside else [])
    assert (own["name"], own["torch_index"], own["memory_total"], own["memory_used"]) == told
    assert (own["load_percent"], own["temperature_celsius"], own["power_watts"]) == (None, None, None)


def test_a_gpu_whose_driver_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(monkeypatch, [on_bus(1)])
    cuda = sys.modules["torch"].cuda
    cuda.get_device_name, cuda.mem_get_info = lambda _: "NVIDIA L4", lambda _: (GIB, 22 * GIB)
    computes_on(monkeypatch, "cuda", 0)
    (own,) = gpus()
    assert (own["name"], own["torch_index"], own["memory_used"]) == ("NVIDIA L4", 0, 21 * GIB)


@pytest.mark.parametrize("address", ["00000000:01:00.0", "0000:01:00.0", "0:1:0"])
def test_drivers_write_places_in_their_own_ways(address: str) -> None:
    assert bus_mark(address) == "0:1:0"
