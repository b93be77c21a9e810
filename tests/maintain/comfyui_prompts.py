"""The prompts that are posted while a ComfyUI is recorded: small ones, for nodes that every release has."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]


def node(kind: str, **inputs: object) -> Record:
    """Return a node of a prompt."""
    return {"class_type": kind, "inputs": inputs}


def pictures(color: int, **more: Record) -> Record:
    """Return the prompt of most scenarios: two pictures that are shown and, inverted, saved."""
    return {
        "1": node("EmptyImage", width=64, height=64, batch_size=2, color=color),
        "2": node("ImageScale", image=["1", 0], upscale_method="bilinear", width=32, height=32, crop="disabled"),
        "3": node("ImageInvert", image=["2", 0]),
        "4": node("SaveImage", images=["3", 0], filename_prefix="rec"),
        "5": node("PreviewImage", images=["2", 0]),
        **more,
    }


def slow(color: int) -> Record:
    """Return a prompt that takes seconds."""
    return {
        "1": node("EmptyImage", width=1500, height=1500, batch_size=4, color=color),
        "2": node("ImageBlur", image=["1", 0], blur_radius=31, sigma=5.0),
        "3": node("ImageBlur", image=["2", 0], blur_radius=31, sigma=6.0),
        "4": node("ImageScale", image=["3", 0], upscale_method="area", width=16, height=16, crop="disabled"),
        "5": node("PreviewImage", images=["4", 0]),
    }


def sampled(checkpoint: str, seed: int, steps: int) -> Record:
    """Return a prompt that makes a picture of a text."""
    links: Record = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    how: Record = {"cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    return {
        "3": node("KSampler", **links, **how, seed=seed, steps=steps),
        "4": node("CheckpointLoaderSimple", ckpt_name=checkpoint),
        "5": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "6": node("CLIPTextEncode", text="a photo", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="ugly", clip=["4", 1]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix="t2i"),
    }


def everything() -> Record:
    """Return a prompt that shows everything that can be shown without a model."""
    kept: Record = {"filename_prefix": "k/it"}
    return {
        "1": node("EmptyImage", width=64, height=64, batch_size=2, color=7),
        "2": node("SaveImage", images=["1", 0], **kept),
        "3": node("SaveAnimatedWEBP", images=["1", 0], fps=6.0, lossless=True, quality=80, method="default", **kept),
        "4": node("SaveAnimatedPNG", images=["1", 0], fps=6.0, compress_level=4, **kept),
        "5": node("CreateVideo", images=["1", 0], fps=2.0),
        "6": node("SaveVideo", video=["5", 0], format="auto", codec="auto", **kept),
        "7": node("EmptyAudio", duration=0.1, sample_rate=44100, channels=2),
        "8": node("SaveAudio", audio=["7", 0], **kept),
        "9": node("PreviewAudio", audio=["7", 0]),
        "10": node("GetImageSize", image=["1", 0]),
        "11": node("PreviewAny", source=["10", 0]),
        "12": node("SaveWEBM", images=["1", 0], codec="vp9", fps=2.0, crf=32.0, **kept),
    }


def faulty() -> dict[str, Record]:
    """Return prompts with one fault each, by what it is."""
    picture, saved = pictures(5)["1"], node("SaveImage", images=["1", 0], filename_prefix="rec")

    def changed(**inputs: object) -> Record:
        return {"1": node("EmptyImage", **{**picture["inputs"], **inputs}), "2": saved}

    inverted = node("ImageInvert", image=["2", 0])
    return {
        "no number": changed(width="abc"),
        "too small": changed(width=0),
        "too big": changed(width=1_000_000_000),
        "nothing": changed(width=None),
        "no choice": pictures(5, **{"2": node("ImageScale", **{**pictures(5)["2"]["inputs"], "crop": "nope"})}),
        "missing value": {"1": node("EmptyImage", width=64, height=64), "2": saved},
        "missing link": pictures(5, **{"3": node("ImageInvert")}),
        "unknown class": pictures(5, **{"3": node("NoSuchNode")}),
        "no class": pictures(5, **{"3": {"inputs": {}}}),
        "wrong type": pictures(5, **{"3": node("ImageInvert", image=["6", 0])}, **{"6": node("PrimitiveInt", value=1)}),
        "no such node": pictures(5, **{"3": node("ImageInvert", image=["77", 0])}),
        "no link": pictures(5, **{"3": node("ImageInvert", image=["2"])}),
        "no such slot": pictures(5, **{"3": node("ImageInvert", image=["2", 9])}),
        "no output": {"1": picture},
        "no such file": {"1": node("LoadImage", image="nope.png"), "2": saved},
        "no such model": {
            "1": node("CheckpointLoaderSimple", ckpt_name="none"),
            "2": node("PreviewAny", source=["1", 0]),
        },
        "one output of two": pictures(5, **{"6": node("SaveImage", images=["2", 0])}),
        "cycle": {"2": node("ImageInvert", image=["3", 0]), "3": inverted, "4": node("PreviewImage", images=["3", 0])},
        "empty": {},
        "saved by the editor": {"nodes": [], "links": [], "version": 0.4},
    }
