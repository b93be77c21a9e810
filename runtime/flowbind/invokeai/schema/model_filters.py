"""Which models an input accepts, as the document says it: by filters since release 6.8, by one name before."""

from __future__ import annotations

from flowbind.invokeai.fields import ModelFilter
from flowbind.invokeai.schema.field_types import Schema, texts

_FILTERS = {
    "bases": "ui_model_base",
    "types": "ui_model_type",
    "variants": "ui_model_variant",
    "formats": "ui_model_format",
    "providers": "ui_model_provider_id",
}


def _main(*bases: str) -> ModelFilter:
    return ModelFilter(bases=bases, types=("main",))


def _type(kind: str, *bases: str, variants: tuple[str, ...] = ()) -> ModelFilter:
    return ModelFilter(bases=bases, types=(kind,), variants=variants)


# What the filters of 6.8 say of the inputs that had these types before.
_BY_NAME = {
    "MainModelField": _main(),
    "CogView4MainModelField": _main("cogview4"),
    "FluxMainModelField": _main("flux"),
    "SD3MainModelField": _main("sd-3"),
    "SDXLMainModelField": _main("sdxl"),
    "SDXLRefinerModelField": _main("sdxl-refiner"),
    "ChatGPT4oModelField": _main("chatgpt-4o"),
    "FluxKontextModelField": _main("flux-kontext"),
    "Gemini2_5ModelField": _main("gemini-2.5"),
    "Imagen3ModelField": _main("imagen3"),
    "Imagen4ModelField": _main("imagen4"),
    "RunwayModelField": _main("runway"),
    "Veo3ModelField": _main("veo3"),
    "CLIPEmbedModelField": _type("clip_embed"),
    "CLIPGEmbedModelField": _type("clip_embed", variants=("gigantic",)),
    "CLIPLEmbedModelField": _type("clip_embed", variants=("large",)),
    "ControlLoRAModelField": _type("control_lora", "flux"),
    "ControlNetModelField": _type("controlnet"),
    "FluxReduxModelField": _type("flux_redux", "flux"),
    "FluxVAEModelField": _type("vae", "flux"),
    "IPAdapterModelField": _type("ip_adapter"),
    "LLaVAModelField": _type("llava_onevision"),
    "LoRAModelField": _type("lora"),
    "ONNXModelField": _type("onnx"),
    "SigLipModelField": _type("siglip"),
    "SpandrelImageToImageModelField": _type("spandrel_image_to_image"),
    "T2IAdapterModelField": _type("t2i_adapter", "sd-1", "sdxl"),
    "T5EncoderModelField": _type("t5_encoder"),
    "VAEModelField": _type("vae"),
}


def model_filter(schema: Schema) -> ModelFilter | None:
    """Return the models that an input accepts, None where the document does not say."""
    found = {name: tuple(texts(schema.get(key))) for name, key in _FILTERS.items()}
    if any(found.values()):
        return ModelFilter(**found)
    name = schema.get("ui_type")
    return _BY_NAME.get(name.removeprefix("DEPRECATED_")) if isinstance(name, str) else None
