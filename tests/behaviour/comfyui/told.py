"""What the stand-in says of itself, as a real ComfyUI 0.33 does."""

from __future__ import annotations

from typing import Any

from flowbind_generator.comfyui.shipped import SNAPSHOT

SYSTEM_STATS: dict[str, Any] = {
    "system": {
        "os": "linux",
        "ram_total": 25276510208,
        "ram_free": 22830370816,
        "comfyui_version": SNAPSHOT,
        "required_frontend_version": "1.49.6",
        "installed_templates_version": "0.11.44",
        "required_templates_version": "0.11.44",
        "comfy_package_versions": [
            {"name": "comfyui-frontend-package", "installed": "1.49.6", "required": "1.49.6"},
        ],
        "python_version": "3.11.7",
        "pytorch_version": "2.13.0+cpu",
        "embedded_python": False,
        "deploy_environment": "local-git",
        "argv": ["main.py", "--cpu"],
    },
    "devices": [
        {
            "name": "cpu",
            "type": "cpu",
            "index": None,
            "vram_total": 25276510208,
            "vram_free": 22830370816,
            "torch_vram_total": 25276510208,
            "torch_vram_free": 22830370816,
        }
    ],
}
FEATURES: dict[str, Any] = {
    "supports_preview_metadata": True,
    "supports_model_type_tags": True,
    "max_upload_size": 104857600,
    "extension": {"manager": {"supports_v4": True}},
    "node_replacements": True,
    "assets": False,
}
MODELS = (
    "checkpoints",
    "configs",
    "loras",
    "vae",
    "text_encoders",
    "diffusion_models",
    "clip_vision",
    "style_models",
    "embeddings",
    "diffusers",
    "vae_approx",
    "controlnet",
    "gligen",
    "upscale_models",
    "latent_upscale_models",
    "custom_nodes",
    "datasets",
    "hypernetworks",
    "photomaker",
    "classifiers",
    "model_patches",
    "audio_encoders",
    "background_removal",
    "frame_interpolation",
    "geometry_estimation",
    "optical_flow",
    "detection",
)
"""The folders of models."""
