"""Further drift between real documents: of `drift/invokeai-drift.json`, and back to older servers."""

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
    MODEL_FILTER_CHANGED,
    NODE_DEPRECATED,
    NODE_REMOVED,
    NODE_VERSION_MAJOR,
    OUTPUT_REMOVED,
    RANGE_NARROWED,
    RANGE_WIDENED,
    TYPE_CHANGED,
    TYPE_WIDENED,
)

from .drift_drawing import Draw, drawn, error, fed, info, model, row, warning

CONDITIONING = {"conditioning_name": "c"}
BOX = {"x_min": 0, "x_max": 8, "y_min": 0, "y_max": 8}
SAM = "segment-anything-base"
EDGES_OF_A_BOX = ("x_max", "x_min", "y_max", "y_min")
POINTS = {"points": [{"x": 1, "y": 1, "label": 1}]}


def _two_vaes(draw: Draw) -> Any:
    """Draw two nodes of one type, one of which names a model that an older server's filter leaves out."""
    return workflow(
        draw.node("a", "vae_loader", vae_model=model("flux2", "vae")),
        draw.node("b", "vae_loader", vae_model=model("sdxl", "vae")),
        form=form("a.vae_model", "b.vae_model"),
    )


def _lora_t5(draw: Draw) -> Any:
    return workflow(
        draw.node("l", "flux_lora_loader", lora=model("flux", "lora")),
        draw.node("t", "flux_text_encoder", prompt="a", t5_max_seq_len=256),
        edges=[edge("l.clip", "t.clip"), edge("l.t5_encoder", "t.t5_encoder")],
    )


def _converted_number(draw: Draw) -> Any:
    """Draw a value that the server converts on its way into an input."""
    nodes = draw.node("i", "integer", value=2), draw.node("n", "lscale")
    return workflow(*nodes, edges=[edge("i.value", "n.scale_factor")])


def _given_batch(draw: Draw) -> Any:
    nodes = draw.node("b", "integer_batch", integers=[1, 2]), draw.node("n", "noise")
    return workflow(*nodes, edges=[edge("b.value", "n.seed")])


FOUND = (
    # Removed, and not there yet.
    row("sd3_denoise", "5.6.2 5.0.2", "sd3_denoise", [error(NODE_REMOVED, "sd3_denoise")], steps=30),
    row(
        "flux_denoise_meta.board", "5.15.0 6.0.2", "flux_denoise_meta",
        [error(INPUT_REMOVED, "flux_denoise_meta.board", "board")], board={"board_id": "b"},
    ),
    row(
        "color_correct", "6.8.1 6.5.1", "color_correct",
        [
            error(NODE_VERSION_MAJOR, "color_correct"),
            error(INPUT_REMOVED, "color_correct.base_image", "base_image"),
            error(INPUT_REMOVED, "color_correct.color_reference", "color_reference"),
            error(BECAME_REQUIRED, "color_correct.image"),
            error(BECAME_REQUIRED, "color_correct.reference"),
        ],
    ),
    row(
        "noise.noise_type", "6.13.0 6.12.0", "noise",
        [warning(INPUT_REMOVED, "noise.noise_type")], hidden={"noise_type": "SD"}, width=64,
    ),
    row(
        "noise.noise_type", "6.13.0 6.12.0", "noise",
        [error(INPUT_REMOVED, "noise.noise_type")], hidden={"noise_type": "FLUX"},
    ),
    drawn(
        "flux_lora_loader.t5_encoder", "5.6.2 5.0.2", _lora_t5, [error(OUTPUT_REMOVED, "flux_lora_loader.t5_encoder")],
    ),
    # Required.
    row(
        "create_gradient_mask.mask", "5.10.1 5.15.0", "create_gradient_mask",
        [error(BECAME_REQUIRED, "create_gradient_mask.mask", "mask")], mask=None,
    ),
    fed(
        "create_gradient_mask.mask", "5.10.1 5.15.0", "create_gradient_mask", {"mask": "blank_image.image"},
        [info(BECAME_REQUIRED, "create_gradient_mask.mask")],
    ),
    row("ideal_size.unet", "5.10.1 5.15.0", "ideal_size", [error(BECAME_REQUIRED, "ideal_size.unet")], width=512),
    row(
        "canvas_paste_back.target_image", "5.10.1 5.15.0", "canvas_paste_back",
        [info(BECAME_REQUIRED, "canvas_paste_back.target_image", "target_image")],
        target_image={"image_name": "a.png"},
    ),
    drawn(
        "integer_batch.integers", "5.10.1 5.15.0", _given_batch,
        [info(BECAME_REQUIRED, "integer_batch.integers", "integers")],
    ),
    row(
        "flux_model_loader.vae_model", "6.14.0 6.13.8", "flux_model_loader",
        [
            error(BECAME_REQUIRED, "flux_model_loader.vae_model"),
            error(BECAME_REQUIRED, "flux_model_loader.clip_embed_model", "clip_embed"),
            info(BECAME_REQUIRED, "flux_model_loader.t5_encoder_model", "t5_encoder"),
        ],
        model=model("flux"), clip_embed_model=None, t5_encoder_model=model("any", "t5_encoder"),
    ),
    # Kinds.
    row(
        "flux_model_loader.model", "6.11.1 6.10.0", "flux_model_loader",
        [
            info(INPUT_KIND_CHANGED, "flux_model_loader.model", "model"),
            info(INPUT_KIND_CHANGED, "flux_model_loader.clip_embed_model", "clip_embed"),
            info(INPUT_KIND_CHANGED, "flux_model_loader.t5_encoder_model", "t5_encoder"),
        ],
        model=model("flux"),
    ),
    # Choices.
    row(
        "ip_adapter.clip_vision_model", "5.0.2 5.6.2", "ip_adapter",
        [info(ENUM_VALUE_ADDED, "ip_adapter.clip_vision_model", "clip_vision_model")], clip_vision_model="ViT-H",
    ),
    row(
        "ip_adapter.clip_vision_model", "5.6.2 5.0.2", "ip_adapter",
        [error(ENUM_VALUE_REMOVED, "ip_adapter.clip_vision_model")], hidden={"clip_vision_model": "ViT-L"},
    ),
    row(
        "ip_adapter.clip_vision_model", "5.6.2 5.0.2", "ip_adapter",
        [warning(ENUM_VALUE_REMOVED, "ip_adapter.clip_vision_model")], hidden={"clip_vision_model": "ViT-H"},
    ),
    row(
        "segment_anything.model", "6.8.1 6.5.1", "segment_anything",
        [error(ENUM_VALUE_REMOVED, "segment_anything.model", "model")], model="segment-anything-2-tiny",
    ),
    row(
        "core_metadata.generation_mode", "6.14.0 6.13.8", "core_metadata",
        [error(ENUM_VALUE_REMOVED, "core_metadata.generation_mode", "generation_mode")],
        generation_mode="wan_txt2img",
    ),
    # Bounds, in objects and lists too.
    row("lblend.alpha", "5.6.2 5.0.2", "lblend", [info(RANGE_WIDENED, "lblend.alpha", "alpha")], alpha=0.5),
    row(
        "segment_anything.bounding_boxes", "6.5.1 6.8.1", "segment_anything",
        [
            *(info(RANGE_WIDENED, f"segment_anything.bounding_boxes[].{name}") for name in EDGES_OF_A_BOX),
            info(ENUM_VALUE_ADDED, "segment_anything.model"),
        ],
        hidden={"model": SAM, "bounding_boxes": [BOX]},
    ),
    row(
        "segment_anything.bounding_boxes", "6.8.1 6.5.1", "segment_anything",
        [
            error(RANGE_NARROWED, "segment_anything.bounding_boxes[].x_min"),
            *(
                warning(RANGE_NARROWED, f"segment_anything.bounding_boxes[].{name}")
                for name in EDGES_OF_A_BOX
                if name != "x_min"
            ),
            warning(ENUM_VALUE_REMOVED, "segment_anything.model"),
        ],
        hidden={"model": SAM, "bounding_boxes": [BOX, {**BOX, "x_min": -8}]},
    ),
    row(
        "segment_anything.point_lists", "6.5.1 6.8.1", "segment_anything",
        [
            error(RANGE_NARROWED, "segment_anything.point_lists[].points"),
            info(ENUM_VALUE_ADDED, "segment_anything.model"),
        ],
        hidden={"model": SAM, "point_lists": [POINTS, {"points": []}]},
    ),
    row(
        "segment_anything.point_lists", "6.5.1 6.8.1", "segment_anything",
        [
            warning(RANGE_NARROWED, "segment_anything.point_lists[].points"),
            info(ENUM_VALUE_ADDED, "segment_anything.model"),
        ],
        hidden={"model": SAM, "point_lists": [POINTS]},
    ),
    # Types.
    row(
        "flux2_denoise.positive_text_conditioning", "6.13.8 6.14.0", "flux2_denoise",
        [info(TYPE_WIDENED, "flux2_denoise.positive_text_conditioning")],
        hidden={"positive_text_conditioning": CONDITIONING},
    ),
    row(
        "flux_denoise.positive_text_conditioning", "5.6.2 5.0.2", "flux_denoise",
        [error(TYPE_CHANGED, "flux_denoise.positive_text_conditioning")],
        hidden={"positive_text_conditioning": [CONDITIONING]},
    ),
    fed(
        "flux_denoise.positive_text_conditioning", "5.0.2 5.6.2", "flux_denoise",
        {"positive_text_conditioning": "flux_text_encoder.conditioning"},
    ),
    fed(
        "flux_denoise.kontext_conditioning", "6.3.0 6.0.2", "flux_denoise",
        {"kontext_conditioning": "flux_kontext.kontext_cond"},
    ),
    drawn("lscale.scale_factor", "5.10.1 5.15.0", _converted_number, [error(TYPE_CHANGED, "lscale.scale_factor")]),
    # Defaults.
    row(
        "create_gradient_mask.fp32", "5.0.2 5.6.2", "create_gradient_mask",
        [info(DEFAULT_CHANGED, "create_gradient_mask.fp32")], hidden={"fp32": True},
    ),
    row(
        "create_denoise_mask.fp32", "5.0.2 5.6.2", "create_denoise_mask",
        [warning(DEFAULT_CHANGED, "create_denoise_mask.fp32")], tiled=False,
    ),
    # Models.
    row(
        "main_model_loader.model", "6.5.1 6.8.1", "main_model_loader",
        [warning(MODEL_FILTER_CHANGED, "main_model_loader.model", "model")], model=model("sd-1"),
    ),
    row(
        "main_model_loader.model", "6.5.1 6.8.1", "main_model_loader",
        [error(MODEL_FILTER_CHANGED, "main_model_loader.model", "model")], model=model("sdxl"),
    ),
    drawn(
        "vae_loader.vae_model", "6.11.1 6.10.0", _two_vaes,
        [
            error(MODEL_FILTER_CHANGED, "vae_loader.vae_model", "vae"),
            warning(MODEL_FILTER_CHANGED, "vae_loader.vae_model", "vae_2"),
        ],
    ),
    row(
        "flux2_klein_model_loader.qwen3_source_model", "6.13.8 6.14.0", "flux2_klein_model_loader",
        [info(MODEL_FILTER_CHANGED, "flux2_klein_model_loader.qwen3_source_model", "qwen3_source_diffusers")],
        qwen3_source_model=model("flux2"),
    ),
    row(
        "lora_collection_loader.loras", "6.13.8 6.14.0", "lora_collection_loader",
        [error(MODEL_FILTER_CHANGED, "lora_collection_loader.loras")],
        hidden={"loras": [{"lora": model("sdxl", "lora"), "weight": 1}]},
    ),
    # How settled a node is.
    row(
        "metadata_field_extractor", "5.6.2 5.8.1", "metadata_field_extractor",
        [warning(NODE_DEPRECATED, "metadata_field_extractor")], key="seed",
    ),
    row(
        "canvas_v2_mask_and_crop", "5.8.1 5.10.1", "canvas_v2_mask_and_crop",
        [warning(NODE_DEPRECATED, "canvas_v2_mask_and_crop")], mask_blur=2,
    ),
    # Nothing that a workflow sees.
    row("noise.noise_type", "6.13.0 6.12.0", "noise", width=64),
    row("crop_latents.x", "5.10.1 5.15.0", "crop_latents", x=8, y=8, width=64, height=64),
    row("denoise_latents.hidiffusion", "6.13.8 6.14.0", "denoise_latents", steps=20),
    row("blank_image", "6.13.8 6.14.2", "blank_image", width=64, color={"r": 1, "g": 2, "b": 3, "a": 4}),
)  # fmt: skip
