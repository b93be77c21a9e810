"""Runs in the server's venv: makes a Stable Diffusion 1.5 model with tiny random weights, as a diffusers folder.

    python tiny_model.py FOLDER

Its pictures are noise, but InvokeAI treats it as any other SD 1.5 main model. What makes it one: the pipeline's class
name in model_index.json, a U-Net with 4 input channels and a text width of 768, and the scheduler's prediction type.
All other sizes are free, and small. The weights come from a fixed seed, so two runs give the same model hash.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

TEXT_WIDTH = 768
TOKENS_PER_PROMPT = 77
START, END = "<|startoftext|>", "<|endoftext|>"
# Every group normalisation needs channel counts that this divides.
NORM_GROUPS = 8


def byte_characters() -> list[str]:
    """The character by which CLIP's byte-level vocabulary writes each byte: itself if printable, else one past 255."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    replaced = [byte for byte in range(0x100) if byte not in printable]
    return [chr(byte if byte in printable else 0x100 + replaced.index(byte)) for byte in range(0x100)]


def make_tokenizer(transformers: Any, folder: Path) -> Any:
    """A CLIP tokenizer that knows single bytes only: any prompt works, nothing has to be downloaded."""
    folder.mkdir(parents=True)
    characters = byte_characters()
    tokens = [*characters, *(character + "</w>" for character in characters), START, END]
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    settings = {
        **special,
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": TOKENS_PER_PROMPT,
        "do_lower_case": True,
        "add_prefix_space": False,
        "errors": "replace",
    }
    contents = {
        "vocab.json": json.dumps({token: number for number, token in enumerate(tokens)}, ensure_ascii=False),
        "merges.txt": "#version: 0.2\n",
        "special_tokens_map.json": json.dumps(special),
        "tokenizer_config.json": json.dumps(settings),
    }
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return transformers.CLIPTokenizer.from_pretrained(folder)


def make_text_encoder(transformers: Any, tokenizer: Any) -> Any:
    """Two thin layers of the right width."""
    config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        projection_dim=TEXT_WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=12,
        max_position_embeddings=TOKENS_PER_PROMPT,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return transformers.CLIPTextModel(config)


def make_unet(diffusers: Any) -> Any:
    """The usual four stages. One attention head, not eight: ten times faster on a CPU at 512x768."""
    return diffusers.UNet2DConditionModel(
        sample_size=64,
        in_channels=4,
        out_channels=4,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=1,
        layers_per_block=1,
        norm_num_groups=NORM_GROUPS,
        block_out_channels=(16, 16, 32, 32),
        down_block_types=(*["CrossAttnDownBlock2D"] * 3, "DownBlock2D"),
        up_block_types=("UpBlock2D", *["CrossAttnUpBlock2D"] * 3),
    )


def make_vae(diffusers: Any) -> Any:
    """Four stages as in the real one, because they decide that a latent is an eighth of the picture's size."""
    return diffusers.AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        sample_size=512,
        scaling_factor=0.18215,
        layers_per_block=1,
        norm_num_groups=NORM_GROUPS,
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )


def main(folder: Path) -> None:
    """Makes the model in a folder that does not exist yet."""
    # By name, as the machine that checks this file's types has none of them.
    torch: Any = importlib.import_module("torch")
    diffusers: Any = importlib.import_module("diffusers")
    transformers: Any = importlib.import_module("transformers")

    torch.manual_seed(0)
    tokenizer = make_tokenizer(transformers, folder / "tokenizer")
    # Stable Diffusion 1.5's own noise schedule.
    scheduler = diffusers.PNDMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type="epsilon",
        set_alpha_to_one=False,
        skip_prk_steps=True,
        steps_offset=1,
    )
    pipeline = diffusers.StableDiffusionPipeline(
        text_encoder=make_text_encoder(transformers, tokenizer),
        unet=make_unet(diffusers),
        vae=make_vae(diffusers),
        tokenizer=tokenizer,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
