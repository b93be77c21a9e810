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
METRICS: dict[str, Any] = {
    "version": 1,
    "time": 1795342800.5,
    "cpu": {"percent": 12.5, "count": 16, "temperature_celsius": 51.0},
    "ram": {"total": 25276510208, "used": 2446139840, "percent": 9.7},
    "process": {"cpu_percent": 103.2, "ram_used": 1181116006},
    "gpus": [
        {
            "index": 0,
            "name": "NVIDIA GeForce RTX 3060",
            "torch_index": 0,
            "load_percent": 97,
            "memory_total": 12884901888,
            "memory_used": 7516192768,
            "temperature_celsius": 67,
            "power_watts": 168.25,
        }
    ],
}
"""What `comfyui_metrics` tells, where it is installed."""
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
