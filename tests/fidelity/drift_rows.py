"""The contract's table of real drift (8.2), row by row."""

from __future__ import annotations

from typing import Any

from tests.unit.exports import edge, form, workflow

from flowbind.rules import (
    BECAME_REQUIRED,
    DEFAULT_CHANGED,
    ENUM_VALUE_ADDED,
    ENUM_VALUE_REMOVED,
    INPUT_KIND_CHANGED,
    INPUT_REMOVED,
    NODE_REMOVED,
    NODE_VERSION_MAJOR,
    OUTPUT_REMOVED,
    RANGE_NARROWED,
)

from .documents import release, release_names
from .drift_drawing import Draw, NotHere, drawn, error, fed, field, info, model, row, warning

PROCESSORS = (
    "canny", "color_map", "content_shuffle", "depth_anything", "dw_openpose", "hed", "leres", "lineart_anime",
    "lineart", "midas_depth", "mlsd", "normalbae", "pidi", "tile", "zoe_depth",
)  # fmt: skip
REMOVED_PROCESSORS = (
    "mediapipe_face_processor",
    "segment_anything_processor",
    *(f"{name}_image_processor" for name in PROCESSORS),
)
SCHEDULED = (
    "denoise_latents", "denoise_latents_meta", "scheduler", "tiled_multi_diffusion_denoise_latents",
)  # fmt: skip
GENERATION_STEPS = ("5.0.2 5.6.2", "5.8.1 5.10.1", "6.9.0 6.10.0", "6.10.0 6.11.1", "6.12.0 6.13.0", "6.13.8 6.14.0")
# Inputs whose `ui_type` and whose filter say the same.
RENAMED_FILTERS = {
    "sdxl_model_loader": ("model", "sdxl", "main"),
    "sdxl_refiner_model_loader": ("model", "sdxl-refiner", "main"),
    "sd3_model_loader": ("model", "sd-3", "main"),
    "flux_model_loader": ("model", "flux", "main"),
    "cogview4_model_loader": ("model", "cogview4", "main"),
    "flux_redux": ("redux_model", "flux", "flux_redux"),
    "flux_control_lora_loader": ("lora", "flux", "control_lora"),
    "spandrel_image_to_image": ("image_to_image_model", "any", "spandrel_image_to_image"),
    "t2i_adapter": ("t2i_adapter_model", "sdxl", "t2i_adapter"),
}


def _all_of(*node_types: str) -> Any:
    """Draw one node of each type."""
    return lambda draw: workflow(*(draw.node(t, t) for t in node_types))


def _anima(draw: Draw) -> Any:
    return workflow(
        draw.node("m", "anima_model_loader", t5_encoder_model=model("any", "t5_encoder")),
        draw.node("t", "anima_text_encoder", prompt="a"),
        edges=[edge("m.t5_encoder", "t.t5_encoder"), edge("m.qwen3_encoder", "t.qwen3_encoder")],
        form=form("m.t5_encoder_model"),
    )


def _batch(draw: Draw) -> Any:
    return workflow(
        draw.node("b", "integer_batch"), draw.node("n", "noise"), edges=[edge("b.value", "n.seed")], form=form()
    )


CONTRACT = (
    fed(
        "color_correct.image/reference/mask_blur_radius", "6.5.1 6.8.1", "color_correct",
        {"image": "blank_image.image", "reference": "blank_image.image"},
        [
            error(NODE_VERSION_MAJOR, "color_correct"),
            error(INPUT_REMOVED, "color_correct.image"),
            error(INPUT_REMOVED, "color_correct.reference"),
            error(INPUT_REMOVED, "color_correct.mask_blur_radius", "mask_blur_radius"),
            error(BECAME_REQUIRED, "color_correct.base_image"),
            error(BECAME_REQUIRED, "color_correct.color_reference"),
        ],
        mask_blur_radius=4,
    ),
    row(
        "canny_image_processor", "5.8.1 5.10.1", "canny_image_processor",
        [error(NODE_REMOVED, "canny_image_processor")], low_threshold=50,
    ),
    drawn(
        "canny_image_processor", "5.8.1 5.10.1", _all_of(*REMOVED_PROCESSORS),
        [error(NODE_REMOVED, name) for name in REMOVED_PROCESSORS],
    ),
    fed(
        "flux_denoise.board/metadata", "5.15.0 6.0.2", "flux_denoise", {"metadata": "core_metadata.metadata"},
        [
            error(NODE_VERSION_MAJOR, "flux_denoise"),
            error(INPUT_REMOVED, "flux_denoise.board", "board"),
            error(INPUT_REMOVED, "flux_denoise.metadata"),
        ],
        board={"board_id": "b"},
    ),
    drawn(
        "anima_model_loader.t5_encoder_model", "6.13.0 6.13.8", _anima,
        [
            error(INPUT_REMOVED, "anima_model_loader.t5_encoder_model", "t5_encoder"),
            error(OUTPUT_REMOVED, "anima_model_loader.t5_encoder"),
            error(INPUT_REMOVED, "anima_text_encoder.t5_encoder"),
        ],
    ),
    row(
        "image_collection.collection", "6.13.8 6.14.0", "image_collection",
        [warning(INPUT_KIND_CHANGED, "image_collection.collection", "collection")],
        collection=[{"image_name": "a.png"}],
    ),
    fed(
        "collect.collection", "6.12.0 6.13.0", "collect", {"collection": "image_collection.collection"},
        [info(INPUT_KIND_CHANGED, "collect.collection")],
    ),
    drawn(
        "collect,iterate", "6.13.8 6.14.0", _all_of("collect", "iterate"),
        [info(DEFAULT_CHANGED, "collect.use_cache"), info(DEFAULT_CHANGED, "iterate.use_cache")],
    ),
    *(
        row(
            "denoise_latents.scheduler", "6.12.0 6.13.0", node_type,
            [info(ENUM_VALUE_ADDED, f"{node_type}.scheduler", "scheduler")], scheduler="euler",
        )
        for node_type in SCHEDULED
    ),
    row(
        "denoise_latents.scheduler", "6.13.0 6.12.0", "denoise_latents",
        [error(ENUM_VALUE_REMOVED, "denoise_latents.scheduler", "scheduler")], scheduler="er_sde",
    ),
    row(
        "denoise_latents.scheduler", "6.13.0 6.12.0", "denoise_latents",
        [warning(ENUM_VALUE_REMOVED, "denoise_latents.scheduler", "scheduler")], scheduler="euler",
    ),
    *(
        row(
            "core_metadata.generation_mode", steps, "core_metadata",
            [info(ENUM_VALUE_ADDED, "core_metadata.generation_mode", "generation_mode")], generation_mode="txt2img",
        )
        for steps in GENERATION_STEPS
    ),
    row(
        "ip_adapter.method", "5.10.1 5.15.0", "ip_adapter",
        [info(ENUM_VALUE_ADDED, "ip_adapter.method", "method")], method="style",
    ),
    row(
        "segment_anything.model", "6.5.1 6.8.1", "segment_anything",
        [info(ENUM_VALUE_ADDED, "segment_anything.model", "model")], model="segment-anything-base",
    ),
    *(
        row("sdxl_model_loader.model", "6.5.1 6.8.1", node_type, **{name: model(base, kind)})
        for node_type, (name, base, kind) in RENAMED_FILTERS.items()
    ),
    row(
        "flux_model_loader.clip_embed_model,t5,vae", "6.10.0 6.11.1", "flux_model_loader",
        [
            info(INPUT_KIND_CHANGED, "flux_model_loader.model", "model"),
            info(INPUT_KIND_CHANGED, "flux_model_loader.clip_embed_model", "clip_embed"),
            info(INPUT_KIND_CHANGED, "flux_model_loader.t5_encoder_model", "t5_encoder"),
        ],
        clip_embed_model=model("any", "clip_embed"),
    ),
    row(
        "flux_model_loader.clip_embed_model,t5,vae", "6.13.8 6.14.0", "flux_model_loader",
        model=model("flux"), clip_embed_model=model("any", "clip_embed"),
        t5_encoder_model=model("any", "t5_encoder"), vae_model=model("flux", "vae"),
    ),
    row(
        "lblend.alpha", "5.0.2 5.6.2", "lblend",
        [error(RANGE_NARROWED, "lblend.alpha", "alpha")], alpha=-0.5,
    ),
    row(
        "lblend.alpha", "5.0.2 5.6.2", "lblend",
        [warning(RANGE_NARROWED, "lblend.alpha", "alpha")], alpha=0.5,
    ),
    row("i2l.fp32, l2i.fp32 default", "5.0.2 5.6.2", "i2l", [warning(DEFAULT_CHANGED, "i2l.fp32")]),
    row("i2l.fp32, l2i.fp32 default", "5.0.2 5.6.2", "l2i", [info(DEFAULT_CHANGED, "l2i.fp32", "fp32")], fp32=True),
    row("i2l.fp32, l2i.fp32 default", "5.0.2 5.6.2", "l2i", [], fp32=False),
    drawn(
        "*_batch list", "5.10.1 5.15.0", _batch,
        [error(BECAME_REQUIRED, "integer_batch.integers", "integers")],
    ),
    row(
        "graph, linear_ui_output, ONNX nodes; step_param_easing", "5.0.2 5.6.2", "step_param_easing",
        [error(NODE_REMOVED, "step_param_easing")], num_steps=20,
    ),
    row("krea2_denoise", "6.14.1 6.14.2", "krea2_denoise", shift=1),
)  # fmt: skip


# Paths that went away, by the first cell of the table: each with the releases between which it did.
ENDPOINTS = {
    "GET queue/{id}/list": ("/api/v1/queue/{queue_id}/list", "6.5.1", "6.8.1"),
    "GET queue/{id}/list; GET app/config": ("/api/v1/app/config", "6.8.1", "6.9.0"),
}


def _oldest_lower_bounds() -> set[Any]:
    """Return the least resolutions that the oldest document allows."""
    nodes = release(release_names()[0]).nodes
    names = ("detect_resolution", "image_resolution")
    inputs = [nodes[node_type]["properties"] for node_type in REMOVED_PROCESSORS]
    return {found[name].get("minimum") for found in inputs for name in names if name in found}


NOT_HERE = (
    NotHere(
        "flux_denoise.trajectory_guidance_strength", "the oldest document has no such input any more",
        lambda: field("5.0.2", "flux_denoise", "trajectory_guidance_strength") is None,
    ),
    NotHere(
        "main_model_loader.model", "before the oldest document, which has the new kind already",
        lambda: "key" in release("5.0.2").schemas["ModelIdentifierField"]["properties"],
    ),
    NotHere(
        "ernie_image_text_encoder", "between two release candidates; no document has both",
        lambda: field("6.13.8", "ernie_image_text_encoder", "prompt") is None
        and field("6.14.0", "ernie_image_text_encoder", "pe_width") is None,
    ),
    NotHere(
        "flux2_denoise.num_steps", "the document before the change has the new default already",
        lambda: {(field(name, "flux2_denoise", "num_steps") or {})["default"] for name in ("6.11.1", "6.12.0")} == {4},
    ),
    NotHere(
        "*_image_processor.detect_resolution", "before the oldest document, which has the new bound already",
        lambda: _oldest_lower_bounds() == {1},
    ),
    NotHere(
        "denoise_latents.cfg_scale", "before the oldest document, which has no bound any more",
        lambda: "minimum" not in str(field("5.0.2", "denoise_latents", "cfg_scale"))
        and "'ge'" not in str(field("5.0.2", "denoise_latents", "cfg_scale")),
    ),
)  # fmt: skip
