"""Runs in the server's venv: makes an SDXL model with tiny random weights, as a diffusers folder.

    python tiny_sdxl.py FOLDER

What makes it one: the pipeline's class name in model_index.json, and a U-Net with a text width of 2048, that of both
text encoders together. All else is as in the tiny SD 1.5 model.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

if not __package__:
    # Run as a file, Python has put its folder on the path; its modules belong to a package.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from throwaway.tiny_model import NORM_GROUPS, TOKENS_PER_PROMPT, make_tokenizer, make_vae

WIDTHS = (768, 1280)
"""Of the two text encoders."""
SIZES = 6
"""Numbers that tell the U-Net how large the picture is, and which part of it is wanted."""
SIZE_WIDTH = 8
"""How wide it makes each of them."""


def make_text_encoder(transformers: Any, tokenizer: Any, number: int) -> Any:
    """Two thin layers; the second encoder also gives one vector for the whole prompt."""
    width = WIDTHS[number]
    config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        projection_dim=width,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=width // 64,
        max_position_embeddings=TOKENS_PER_PROMPT,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return (transformers.CLIPTextModelWithProjection if number else transformers.CLIPTextModel)(config)


def make_unet(diffusers: Any) -> Any:
    """Three stages, as in the real one."""
    return diffusers.UNet2DConditionModel(
        sample_size=128,
        in_channels=4,
        out_channels=4,
        cross_attention_dim=sum(WIDTHS),
        addition_embed_type="text_time",
        addition_time_embed_dim=SIZE_WIDTH,
        projection_class_embeddings_input_dim=WIDTHS[1] + SIZES * SIZE_WIDTH,
        attention_head_dim=1,
        layers_per_block=1,
        norm_num_groups=NORM_GROUPS,
        block_out_channels=(16, 16, 32),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    )


def main(folder: Path) -> None:
    """Makes the model in a folder that does not exist yet."""
    torch: Any = importlib.import_module("torch")
    diffusers: Any = importlib.import_module("diffusers")
    transformers: Any = importlib.import_module("transformers")

    torch.manual_seed(0)
    tokenizers = [make_tokenizer(transformers, folder / name) for name in ("tokenizer", "tokenizer_2")]
    pipeline = diffusers.StableDiffusionXLPipeline(
        text_encoder=make_text_encoder(transformers, tokenizers[0], 0),
        text_encoder_2=make_text_encoder(transformers, tokenizers[1], 1),
        tokenizer=tokenizers[0],
        tokenizer_2=tokenizers[1],
        unet=make_unet(diffusers),
        vae=make_vae(diffusers),
        # SDXL's own noise schedule.
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_schedule="scaled_linear",
            beta_start=0.00085,
            beta_end=0.012,
            prediction_type="epsilon",
            steps_offset=1,
            timestep_spacing="leading",
        ),
        add_watermarker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
