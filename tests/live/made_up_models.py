"""Models for a real server that have the shape of theirs and nothing in them, and an upscaler of random weights."""

from __future__ import annotations

import json
import math
import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from live_tools import Live
from throwaway import api

Shapes = Mapping[str, Sequence[int]]


def tensors(path: Path, shapes: Shapes) -> Path:
    """Write a file of tensors, each with small random numbers."""
    chance = random.Random(0)
    header: dict[str, object] = {}
    content = b""
    for name, shape in shapes.items():
        numbers = [chance.uniform(-0.2, 0.2) for _ in range(math.prod(shape))]
        data = struct.pack(f"<{len(numbers)}f", *numbers)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(content), len(content) + len(data)]}
        content += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content)
    return path


def configs(folder: Path, files: Mapping[str, object]) -> Path:
    """Write a folder of JSON files."""
    for name, document in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
    return folder


def upscaler(folder: Path) -> Path:
    """Write a Real-ESRGAN "compact" network that doubles width and height; the server runs it as any other."""
    few, three_by_three = 8, (3, 3)
    shapes = {
        "body.0.weight": (few, 3, *three_by_three),
        "body.0.bias": (few,),
        "body.1.weight": (few,),
        "body.2.weight": (few, few, *three_by_three),
        "body.2.bias": (few,),
        "body.3.weight": (few,),
        "body.4.weight": (3 * 2 * 2, few, *three_by_three),
        "body.4.bias": (3 * 2 * 2,),
    }
    return tensors(folder / "tiny_x2.safetensors", shapes)


def flux(folder: Path) -> Path:
    """Write what the server takes for a FLUX schnell model."""
    shapes = {"double_blocks.0.img_attn.norm.key_norm.scale": (1,), "img_in.weight": (1, 64)}
    return tensors(folder / "flux.safetensors", shapes)


def t5_encoder(folder: Path) -> Path:
    """Write what it takes for a T5 encoder."""
    inside = {"config.json": {"architectures": ["T5EncoderModel"]}, "model.safetensors.index.json": {}}
    made = configs(folder / "t5", {f"text_encoder_2/{name}": document for name, document in inside.items()})
    # Only a folder with weights is looked at.
    tensors(made / "text_encoder_2" / "model.safetensors", {"nothing": (1,)})
    return made


def clip_embed(folder: Path) -> Path:
    """Write what it takes for a CLIP model of the kind that FLUX has."""
    return configs(folder / "clip", {"config.json": {"architectures": ["CLIPTextModel"], "hidden_size": 768}})


def flux_vae(folder: Path) -> Path:
    """Write what it takes for a FLUX VAE."""
    return tensors(folder / "ae.safetensors", {"decoder.conv_in.weight": (1, 16, 1, 1), "encoder.conv_in.weight": (1,)})


def sd3(folder: Path) -> Path:
    """Write what it takes for a Stable Diffusion 3 model."""
    return configs(folder / "sd3", {"model_index.json": {"_class_name": "StableDiffusion3Pipeline"}})


def cogview4(folder: Path) -> Path:
    """Write what it takes for a CogView 4 model."""
    return configs(folder / "cogview4", {"model_index.json": {"_class_name": "CogView4Pipeline"}})


def sdxl_refiner(folder: Path) -> Path:
    """Write what it takes for an SDXL refiner."""
    files = {
        "model_index.json": {"_class_name": "StableDiffusionXLImg2ImgPipeline"},
        "unet/config.json": {"cross_attention_dim": 1280, "in_channels": 4},
        "scheduler/scheduler_config.json": {"prediction_type": "epsilon"},
    }
    return configs(folder / "refiner", files)


def plain_png(width: int, height: int) -> bytes:
    """Return a picture of one colour."""
    rows = (b"\0" + b"\xc8\x50\x28" * width) * height

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@contextmanager
def installed(live: Live, folder: Path, **models: Callable[[Path], Path]) -> Iterator[dict[str, dict[str, str]]]:
    """Have the server know models for a while, by the names given; yields what identifies each."""
    known: dict[str, dict[str, str]] = {}
    try:
        for name, write in models.items():
            known[name] = api.register_model(live.url, write(folder), name)
        yield known
    finally:
        for model in known.values():
            live.call("DELETE", f"/api/v2/models/i/{model['key']}")
