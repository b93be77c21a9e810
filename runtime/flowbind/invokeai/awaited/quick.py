"""What people reach for first, each a workflow that flowbind brings along, async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.invokeai.awaited.handle import AsyncHandle
from flowbind.invokeai.fields import ModelInput
from flowbind.invokeai.media import Image, ImageInput
from flowbind.invokeai.quick import helpers
from flowbind.workflow import RANDOM, Random

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board


class AsyncQuick(AsyncHandle):
    """What people reach for first, each a workflow that flowbind brings along.

    What is None is not given: the model's own settings on the server decide, else the workflow's. A board is one of the
    server's, or its name or id.
    """

    async def text_to_image(
        self,
        prompt: str,
        *,
        model: ModelInput | None = None,
        negative_prompt: str | None = None,
        width: int | None = None,
        height: int | None = None,
        steps: int | None = None,
        cfg_scale: float | None = None,
        guidance: float | None = None,
        scheduler: str | None = None,
        seed: int | Random = RANDOM,
        board: Board | str | None = None,
        t5_encoder: ModelInput | None = None,
        clip_embed: ModelInput | None = None,
        vae: ModelInput | None = None,
        timeout: float | None = None,
    ) -> Image:
        """Make a picture from a prompt, with a main model of base sd-1, sd-2, sdxl, sd-3, flux or cogview4.

        Without `model`, the server's only one of these. `width` and `height` are pixels, multiples of 8 (sd-3 and flux:
        16, cogview4: 32). `scheduler` is for sd-1, sd-2, sdxl and flux; `guidance`, `t5_encoder`, `clip_embed` and
        `vae` are for flux, whose parts are the server's first that fit; there, `negative_prompt` needs a `cfg_scale`
        other than 1. `timeout` is in seconds; the run goes on. Raises `flowbind.errors.ModelNotFound` or
        `ModelNotAccepted` for a model, `InputError` naming the argument for a value, and what the client's `run`
        raises. Source: `GET /api/v2/models/`, `POST /api/v1/queue/default/enqueue_batch`.
        """
        given = {
            "prompt": prompt,
            "model": model,
            "negative_prompt": negative_prompt,
            "width": width,
            "height": height,
            "steps": steps,
            "cfg_scale": cfg_scale,
            "guidance": guidance,
            "scheduler": scheduler,
            "seed": seed,
            "board": helpers.id_of(board),
            "t5_encoder": t5_encoder,
            "clip_embed": clip_embed,
            "vae": vae,
        }
        run = await self._server.perform(helpers.text_to_image(self._lookup, given))
        return await self._picture("text_to_image", run, timeout)

    async def image_to_image(
        self,
        prompt: str,
        image: ImageInput,
        *,
        strength: float = 0.6,
        model: ModelInput | None = None,
        negative_prompt: str | None = None,
        width: int | None = None,
        height: int | None = None,
        steps: int | None = None,
        cfg_scale: float | None = None,
        guidance: float | None = None,
        scheduler: str | None = None,
        seed: int | Random = RANDOM,
        board: Board | str | None = None,
        t5_encoder: ModelInput | None = None,
        clip_embed: ModelInput | None = None,
        vae: ModelInput | None = None,
        timeout: float | None = None,
    ) -> Image:
        """Make a picture anew from a prompt, with a main model of base sd-1, sd-2, sdxl or flux.

        `image` is a `Path`, bytes, or one on the server. `strength` is from 0, which keeps it, to 1. What is not given
        of `width` and `height` follows from its shape: it is resized to about the size that the model is made for. All
        else is as for `text_to_image`. Raises what that raises, and `flowbind.errors.ImageNotFound`.

        Source: `GET /api/v2/models/`, `POST /api/v1/images/upload`, `POST /api/v1/queue/default/enqueue_batch`.
        """
        given = {
            "prompt": prompt,
            "image": image,
            "strength": strength,
            "model": model,
            "negative_prompt": negative_prompt,
            "width": width,
            "height": height,
            "steps": steps,
            "cfg_scale": cfg_scale,
            "guidance": guidance,
            "scheduler": scheduler,
            "seed": seed,
            "board": helpers.id_of(board),
            "t5_encoder": t5_encoder,
            "clip_embed": clip_embed,
            "vae": vae,
        }
        run = await self._server.perform(helpers.image_to_image(self._lookup, given))
        return await self._picture("image_to_image", run, timeout)

    async def upscale(
        self,
        image: ImageInput,
        *,
        scale: float = 2,
        model: ModelInput | None = None,
        board: Board | str | None = None,
        timeout: float | None = None,
    ) -> Image:
        """Enlarge a picture `scale` times: by Lanczos resampling, or with an upscaling model (`scale` up to 16).

        `image` is a `Path`, bytes, or one on the server. A model is run until the picture is large enough, which is
        then resampled to the size wanted; one that enlarges nothing leaves the size as it is. `timeout` is in seconds;
        the run goes on. Raises `flowbind.errors.InputError` naming the argument, a `LookupFailed` for a model, image or
        board that is not there, and what the client's `run` raises.

        Source: `POST /api/v1/images/upload`, `POST /api/v1/queue/default/enqueue_batch`.
        """
        given = {"image": image, "scale": scale, "model": model, "board": helpers.id_of(board)}
        return await self._picture("upscale", helpers.upscale(given), timeout)

    async def copy_image(self, image: Image | str, board: Board | str | None, *, timeout: float | None = None) -> Image:
        """Copy a picture that is on the server to a board there, None for no board; nothing is downloaded.

        The copy has the pixels and the metadata, a name of its own and no star; the workflow stored with it is that of
        the copying. It is in the gallery (category "general") even where the original is an asset. Raises
        `flowbind.errors.ImageNotFound` or `BoardNotFound`, and what the client's `run` raises.

        Source: `POST /api/v1/queue/default/enqueue_batch`.
        """
        return await self._picture("copy_image", helpers.copy_image(image, board), timeout)

    async def _picture(self, helper: str, run: helpers.Run, timeout: float | None) -> Image:
        with helpers.in_words_of(helper, type(run)):
            result = await self._server.run(run, timeout=timeout)
        return helpers.picture_of(helper, result)
