# Made from ../awaited/models.py. Do not edit: run `make twins`.
"""The models of a server, sync."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from flowbind.invokeai.blocking.handle import Handle
from flowbind.invokeai.blocking.installs import InstallJob
from flowbind.invokeai.fields import ModelInput
from flowbind.invokeai.models import files, hugging_face, installs, records
from flowbind.invokeai.models.installed import InstalledModel
from flowbind.transport.secret import Secret

if TYPE_CHECKING:
    from flowbind.invokeai._rest import DeletedModels, FoundModel, InstallRecord, ModelCacheStats


class Models(Handle):
    """The models of a server: what it has, and what it is to have.

    Where a model is asked for, one that a list gave will do, a `ModelRef`, or its name or key as text. On a server with
    accounts, all but reading is for administrators: others get `flowbind.errors.Forbidden`.
    """

    def list(
        self,
        *,
        base: str | Sequence[str] | None = None,
        type: str | None = None,
        name: str | None = None,
        format: str | None = None,
    ) -> builtins.list[InstalledModel]:
        """Return the models of the server, or those with this base (or one of these), type, exact name and format.

        Raises `flowbind.errors.Refused` for a word that this server does not know, naming those that it knows, and any
        `ServerError`. Source: `GET /api/v2/models/`.
        """
        return self._server.perform(records.listed(base, type, name, format))

    def get(self, key: str) -> InstalledModel:
        """Return the model with a key.

        Raises `flowbind.errors.NotFound` and any `ServerError`. Source: `GET /api/v2/models/i/{key}`.
        """
        return self._server.perform(records.by_key(key))

    def find(self, model: ModelInput) -> InstalledModel:
        """Return the one model that is meant, as a run finds it: by key, hash, then name with base and type.

        Raises `flowbind.errors.ModelNotFound` naming the nearest where there is none, and all where there are several;
        and any `ServerError`. Source: `GET /api/v2/models/`.
        """
        return self._server.perform(records.found(model, self._lookup.models))

    def by_hash(self, hash: str) -> InstalledModel:
        """Return a model with a hash, which survives an install, unlike the key.

        Raises `flowbind.errors.NotFound` and any `ServerError`. Source: `GET /api/v2/models/get_by_hash`; before 6.12
        the list.
        """
        return self._server.perform(records.by_hash(hash, self._supports))

    def by_attributes(self, name: str, base: str, type: str) -> InstalledModel:
        """Return a model with exactly this name, base and type; the first where there are several.

        Raises `flowbind.errors.NotFound`, `Refused` for a base or type that this server does not know, and any
        `ServerError`. Source: `GET /api/v2/models/get_by_attrs`.
        """
        return self._server.perform(records.by_attributes(name, base, type))

    def missing(self) -> builtins.list[InstalledModel]:
        """Return the models that the server knows and whose files are gone.

        Raises `flowbind.errors.NotTheApi` before InvokeAI 6.12, and any `ServerError`. Source: `GET
        /api/v2/models/missing`.
        """
        return self._server.perform(records.missing(self._supports))

    def update(
        self,
        model: ModelInput,
        *,
        name: str | None = None,
        description: str | None = None,
        base: str | None = None,
        type: str | None = None,
        trigger_phrases: Sequence[str] | None = None,
        default_settings: Mapping[str, Any] | None = None,
    ) -> InstalledModel:
        """Change what is given of a model; what is None stays. `default_settings` take the place of all it had.

        Raises `flowbind.errors.ModelNotFound`, `NotFound`, `Refused` for what this server does not take, `ValueError`
        where nothing is given, and any `ServerError`. Source: `PATCH /api/v2/models/i/{key}`.
        """
        changes = {
            "name": name,
            "description": description,
            "base": base,
            "type": type,
            "trigger_phrases": None if trigger_phrases is None else [*trigger_phrases],
            "default_settings": default_settings,
        }
        return self._server.perform(records.updated(model, changes, self._lookup.models))

    def delete(self, *models: ModelInput) -> DeletedModels:
        """Delete models; files in the server's own folder go as well, those of models installed in place stay.

        Returns the keys that are `deleted`, and for those that are not, in `failed`, the server's reason. Raises
        `flowbind.errors.ModelNotFound` before anything is deleted, and any `ServerError`. Source: `POST
        /api/v2/models/i/bulk_delete`; before 6.10 `DELETE /api/v2/models/i/{key}`.
        """
        return self._server.perform(records.deleted(models, self._supports, self._lookup.models))

    def convert(self, model: ModelInput, *, timeout: float = 1800.0) -> InstalledModel:
        """Make diffusers of a checkpoint, for good: the file is replaced, and the model has another key.

        `timeout` is in seconds, for the one request that this is. Raises `flowbind.errors.Refused` for a model that
        is no checkpoint of Stable Diffusion 1, 2 or XL, `ModelNotFound`, and any `ServerError`. Source: `PUT
        /api/v2/models/convert/{key}`.
        """
        return self._server.perform(records.converted(model, timeout, self._lookup.models))

    def reidentify(self, model: ModelInput) -> InstalledModel:
        """Have the server look at the model's files again: one that was unknown may be known to a newer release.

        Raises `flowbind.errors.ModelNotFound`, `NotTheApi` before InvokeAI 6.9, and any `ServerError`. Source: `POST
        /api/v2/models/i/{key}/reidentify`.
        """
        return self._server.perform(records.identified(model, self._supports, self._lookup.models))

    def scan_folder(self, path: str | PurePath) -> builtins.list[FoundModel]:
        """Return the models in a folder of the server's machine and below, each with whether it is installed.

        Raises `flowbind.errors.Refused` for what is no folder there, and any `ServerError`. Source: `GET
        /api/v2/models/scan_folder`.
        """
        return [*(self._server.perform(files.scanned(str(path))))]

    def install(
        self,
        source: str | PurePath,
        *,
        name: str | None = None,
        description: str | None = None,
        inplace: bool = True,
        access_token: str | None = None,
        exist_ok: bool = False,
    ) -> InstallJob:
        """Begin to install a model: a path on the server's machine, a URL, or the id of a Hugging Face repository.

        `inplace` leaves a local model where it is, as the page does; False moves it (not a copy) into the server's
        folder. `exist_ok` gives a job that has ended where the model of this source is installed already.
        `access_token` travels in the request's address, which the server may log. Raises `flowbind.errors.Refused` for
        what is none of the three, and any `ServerError`. Source: `POST /api/v2/models/install`.
        """
        token = None if access_token is None else Secret(access_token)
        changes = {"name": name, "description": description}
        return self._job(self._server.perform(installs.start(str(source), changes, inplace, token, exist_ok)), exist_ok)

    def installs(self) -> builtins.list[InstallJob]:
        """Return the installs that the server knows, whoever began them; it forgets them when it ends.

        Raises any `flowbind.errors.ServerError`. Source: `GET /api/v2/models/install`.
        """
        return [self._job(record) for record in self._server.perform(installs.all_installs())]

    def install_job(self, id: int) -> InstallJob:
        """Return an install by the server's number for it.

        Raises `flowbind.errors.NotFound` and any `ServerError`. Source: `GET /api/v2/models/install/{id}`.
        """
        return self._job(self._server.perform(installs.one_install(id)))

    def prune_installs(self) -> None:
        """Have the server forget all installs that have ended; their models stay.

        Raises any `flowbind.errors.ServerError`. Source: `DELETE /api/v2/models/install`.
        """
        self._server.perform(installs.prune())

    def stats(self) -> ModelCacheStats | None:
        """Return what the server keeps in memory; None where it does not tell, as before the first model is loaded.

        Raises any `flowbind.errors.ServerError`. Source: `GET /api/v2/models/stats`.
        """
        return self._server.perform(files.cache_stats())

    def empty_cache(self) -> None:
        """Free the memory of all models that no run is using.

        Raises any `flowbind.errors.ServerError`. Source: `POST /api/v2/models/empty_model_cache`.
        """
        self._server.perform(files.empty_cache(self._supports))

    def hugging_face_login(self) -> str:
        """Return the state of the server's login at Hugging Face: valid, invalid (or none), or unknown.

        It is unknown where the server has a token and does not reach Hugging Face. Raises any
        `flowbind.errors.ServerError`. Source: `GET /api/v2/models/hf_login`.
        """
        return self._server.perform(hugging_face.login_state(self._supports))

    def log_in_to_hugging_face(self, token: str) -> str:
        """Give the server a token for Hugging Face, which it keeps; return the state of its login.

        Raises any `flowbind.errors.ServerError`. Source: `POST /api/v2/models/hf_login`.
        """
        return self._server.perform(hugging_face.log_in(Secret(token), self._supports))

    def log_out_of_hugging_face(self) -> str:
        """Have the server forget its token for Hugging Face; return the state of its login.

        Raises `flowbind.errors.NotTheApi` before InvokeAI 5.15, and any `ServerError`. Source: `DELETE
        /api/v2/models/hf_login`.
        """
        return self._server.perform(hugging_face.log_out(self._supports))

    def _job(self, known: InstallRecord | InstalledModel, exist_ok: bool = False) -> InstallJob:
        return InstallJob(self._server, known, self._lookup.models, self._supports, exist_ok)
