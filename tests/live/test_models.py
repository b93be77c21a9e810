"""The models of a real server: listed, found, changed, deleted; installed from disk and from a server of files."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from generated import TextToImageSd15
from tests.behaviour.both_clients import Script, carry_out

from flowbind.errors import Forbidden, InstallFailed, InstallTimeout, ModelNotFound, NotFound, Refused, ServerFault
from flowbind.invokeai import InstalledModel, InvokeAI
from live_tools import Accounts, Live
from model_files import CHECKPOINT, SECRET, FileServer, add

Carried = Callable[[Script], Any]


@pytest.fixture
def unique() -> str:
    """A name that no other model of the server has."""
    return f"model {uuid.uuid4().hex[:8]}"


@pytest.fixture
def files() -> Iterator[FileServer]:
    """A server of files on this machine."""
    with FileServer() as server:
        yield server
        server.go.set()


@pytest.fixture(params=["sync", "async"])
def downloading(packed: Live, request: pytest.FixtureRequest) -> Carried:
    """What carries a script out on the server that downloads from this machine."""
    return lambda script: carry_out(request.param, packed.url, script)


# ------------------------------------------------------------------ what there is


def test_list_and_filter(carried: Carried, live: Live) -> None:
    async def script(server: Any) -> None:
        listed = await server.models.list()
        (model,) = [found for found in listed if found.key == live.model["key"]]
        assert (model.name, model.base, model.type, model.format) == (live.model["name"], "sd-1", "main", "diffusers")
        assert model.record["file_size"] == model.file_size > 1_000_000
        same = {"base": ["sd-1", "sdxl", "sd-1"], "type": "main", "name": live.model["name"], "format": "diffusers"}
        assert await server.models.list(**same) == [model]
        for other in ({"base": "sdxl"}, {"type": "lora"}, {"format": "onnx"}, {"name": "of nobody"}):
            assert model not in await server.models.list(**other)

    carried(script)


def test_get_one(carried: Carried, live: Live) -> None:
    async def script(server: Any) -> None:
        model = await server.models.get(live.model["key"])
        name, base, kind = (live.model[part] for part in ("name", "base", "type"))
        assert await server.models.by_hash(live.model["hash"]) == model
        assert await server.models.by_attributes(name, base, kind) == model
        for meant in (name, live.model["key"], model):
            assert await server.models.find(meant) == model

    carried(script)


def test_what_is_not_there(carried: Carried, live: Live) -> None:
    async def script(server: Any) -> None:
        with pytest.raises(NotFound, match="model not found"):
            await server.models.get("no-such-key")
        with pytest.raises(NotFound, match="No model found with this hash"):
            await server.models.by_hash("no-such-hash")
        with pytest.raises(NotFound, match="No model found with these attributes"):
            await server.models.by_attributes("nobody", "sd-1", "main")
        with pytest.raises(ModelNotFound, match=f'no model "{live.model["name"]}s". Nearest: "{live.model["name"]}"'):
            await server.models.find(live.model["name"] + "s")
        with pytest.raises(Refused, match=r"""knows no type "nonsense"\. It knows .*'vae'"""):
            await server.models.list(type="nonsense")
        with pytest.raises(Refused, match=r"""knows no base "sd-9"\. It knows .*'sdxl'"""):
            await server.models.by_attributes("nobody", "sd-9", "main")
        with pytest.raises(Refused, match=r"""knows no base "sd-9"\. """):
            await server.models.list(base=["sd-1", "sd-9"])

    carried(script)


def test_run_with_a_model_of_the_list_and_clear_the_cache(carried: Carried, live: Live) -> None:
    async def script(server: Any) -> None:
        (model,) = await server.models.list(name=live.model["name"])
        result = await server.run(TextToImageSd15(model=model, width=64, height=64, steps=1), timeout=60)
        assert result.outputs
        stats = await server.models.stats()
        assert stats.cache_size > 0
        assert stats.hits + stats.misses > 0
        await server.models.empty_cache()
        assert (await server.models.stats()).cleared > stats.cleared

    carried(script)


# ------------------------------------------------------------------ from disk


def test_install_in_place_and_wait(carried: Carried, tmp_path: Path, unique: str) -> None:
    path = add(tmp_path, "vae")

    async def script(server: Any) -> None:
        seen: list[tuple[str, int, int]] = []
        install = await server.models.install(path, name=unique, description="of a test")
        model = await install.wait(timeout=60, progress=lambda *now: seen.append(now))
        assert (model.name, model.base, model.type, model.description) == (unique, "sd-1", "vae", "of a test")
        assert (model.path, model.source) == (str(path), str(path))
        size = path.stat().st_size
        assert seen[-1] == ("completed", size, size)
        assert (install.status, install.model, install.source) == ("completed", model, str(path))
        again = await server.models.install_job(install.id)
        assert await again.wait() == model
        assert install.id in [known.id for known in await server.models.installs()]
        assert await server.models.find(unique) == model
        with pytest.raises(InstallFailed, match=f'it is there already, as "{unique}"') as caught:
            await (await server.models.install(path)).wait(timeout=60)
        assert caught.value.model == model
        assert caught.value.error_type == "DuplicateModelException"
        there = await server.models.install(path, exist_ok=True)
        assert (await there.wait(), there.id) == (model, None)
        assert (await server.models.delete(unique)).deleted == [model.key]
        assert path.exists()

    carried(script)


def test_install_into_the_servers_folder(carried: Carried, tmp_path: Path, unique: str) -> None:
    path = add(tmp_path, "vae")

    async def script(server: Any) -> None:
        model = await (await server.models.install(path, name=unique, inplace=False)).wait(timeout=60)
        assert not path.exists()
        assert model.path == f"{model.key}/vae.safetensors"
        there = await server.models.install(path, inplace=False, exist_ok=True)
        assert await there.wait() == model
        done = await server.models.delete(model)
        assert (done.deleted, done.failed) == ([model.key], [])
        with pytest.raises(NotFound):
            await server.models.get(model.key)
        again = await server.models.delete(model)
        assert (again.deleted, again.failed) == ([], [{"key": model.key, "error": "model not found"}])

    carried(script)


def test_scan_a_folder_and_install_all(carried: Carried, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    paths = {str(add(tmp_path, "one")), str(add(tmp_path / "below", "two", CHECKPOINT))}

    async def script(server: Any) -> None:
        found = await server.models.scan_folder(tmp_path)
        assert {model.path: model.is_installed for model in found} == dict.fromkeys(paths, False)
        installs = [await server.models.install(model.path) for model in found]
        models = [await install.wait(timeout=60) for install in installs]
        assert {model.type for model in models} == {"vae", "main"}
        assert all(model.is_installed for model in await server.models.scan_folder(tmp_path))
        assert sorted((await server.models.delete(*models)).deleted) == sorted(model.key for model in models)
        with pytest.raises(Refused, match="could not be scanned"):
            await server.models.scan_folder(tmp_path / "nowhere")

    carried(script)


def test_change_look_again_and_miss(carried: Carried, tmp_path: Path, unique: str) -> None:
    path = tmp_path / "junk.safetensors"
    path.write_bytes(b"no tensors")

    async def script(server: Any) -> None:
        model = await (await server.models.install(path, name=unique)).wait(timeout=60)
        assert (model.base, model.type) == ("unknown", "unknown")
        renamed = await server.models.update(unique, name=f"{unique} 2", description="")
        assert (renamed.key, renamed.name, renamed.description) == (model.key, f"{unique} 2", "")
        with pytest.raises(Refused, match='knows no type "nonsense"'):
            await server.models.update(model, type="nonsense")
        with pytest.raises(ValueError, match="nothing to change is given"):
            await server.models.update(model)
        add(tmp_path, "junk")
        known = await server.models.reidentify(renamed)
        assert (known.key, known.name, known.type) == (model.key, f"{unique} 2", "vae")
        assert known not in await server.models.missing()
        path.unlink()
        assert known in await server.models.missing()
        await server.models.delete(known)

    carried(script)


def test_what_cannot_be_installed(carried: Carried, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("no model", encoding="utf-8")

    async def script(server: Any) -> None:
        for source in ("/no/such/path", "nonsense"):
            with pytest.raises(Refused, match=f"does not install {source}: Unsupported .* Hugging Face repository"):
                await server.models.install(source)
        with pytest.raises(InstallFailed, match=r"text\.txt was not installed: .* not a recognized model format"):
            await (await server.models.install(tmp_path / "text.txt")).wait(timeout=60)
        with pytest.raises(NotFound, match="No job with id 99999 known"):
            await server.models.install_job(99999)

    carried(script)


def test_convert_what_is_no_whole_checkpoint(carried: Carried, tmp_path: Path, unique: str) -> None:
    async def script(server: Any) -> None:
        vae = await (await server.models.install(add(tmp_path, "vae"), name=unique)).wait(timeout=60)
        with pytest.raises(Refused, match="is not a main SD 1/2/XL checkpoint model"):
            await server.models.convert(vae)
        await server.models.delete(vae)
        path = add(tmp_path, "checkpoint", CHECKPOINT)
        model = await (await server.models.install(path, name=unique)).wait(timeout=60)
        assert (model.type, model.format) == ("main", "checkpoint")
        # Nothing can be made of its two tensors; the model stays.
        with pytest.raises(ServerFault, match=f"convert/{model.key}"):
            await server.models.convert(unique)
        assert await server.models.find(unique) == model
        await server.models.delete(model)

    carried(script)


# ------------------------------------------------------------------ from elsewhere


def test_install_from_a_url_with_progress(downloading: Carried, files: FileServer, unique: str) -> None:
    url = f"{files.url}/{unique.replace(' ', '-')}.safetensors"
    files.go.clear()

    def follow(status: str, done: int, total: int) -> None:
        seen.append((status, done, total))
        if done:
            files.go.set()

    async def script(server: Any) -> None:
        install = await server.models.install(url, name=unique)
        model = await install.wait(timeout=60, progress=follow)
        assert (model.name, model.source, model.file_size) == (unique, url, 400_000)
        there = await server.models.install(url, exist_ok=True)
        assert await there.wait() == model
        await server.models.delete(model)

    seen: list[tuple[str, int, int]] = []
    downloading(script)
    assert ("downloading", 100_000, 400_000) in seen
    assert seen[-1] == ("completed", 400_000, 400_000)
    assert len(files.sent("GET")) == 1


def test_install_with_a_token(downloading: Carried, files: FileServer, unique: str) -> None:
    url = f"{files.url}/closed/{unique.replace(' ', '-')}.safetensors"

    async def script(server: Any) -> None:
        with pytest.raises(InstallFailed, match=r"was not installed: Unauthorized\. .*access_token=") as caught:
            await (await server.models.install(url)).wait(timeout=60)
        assert caught.value.error_type == "HTTPError"
        files.go.clear()
        install = await server.models.install(url, name=unique, access_token=SECRET)
        # The server tells the token with the install and with each of its files.
        while await install.refresh() != "downloading":
            pause()
        assert SECRET in str(await server.request("GET", f"/api/v2/models/install/{install.id}"))
        assert install.record.download_parts
        assert SECRET not in repr(install.record) + repr(await server.models.installs())
        files.go.set()
        await server.models.delete(await install.wait(timeout=60))

    downloading(script)


def test_cancel_a_download(downloading: Carried, files: FileServer, unique: str) -> None:
    files.go.clear()

    async def script(server: Any) -> None:
        install = await server.models.install(f"{files.url}/{uuid.uuid4()}.safetensors", name=unique)
        with pytest.raises(InstallTimeout, match="the install goes on"):
            await install.wait(timeout=0.2)
        assert await install.cancel() == "cancelled"
        assert await install.cancel() == "cancelled"
        with pytest.raises(InstallFailed, match="the install was cancelled") as caught:
            await install.wait(timeout=60)
        assert (caught.value.status, caught.value.install_id) == ("cancelled", install.id)
        await server.models.prune_installs()
        with pytest.raises(InstallFailed, match=f"no longer knows install {install.id}"):
            await install.refresh()
        with pytest.raises(ModelNotFound):
            await server.models.find(unique)

    downloading(script)


def test_pause_and_resume_a_download(downloading: Carried, files: FileServer, unique: str) -> None:
    files.go.clear()

    async def script(server: Any) -> None:
        install = await server.models.install(f"{files.url}/{uuid.uuid4()}.safetensors", name=unique)
        while install.bytes_done < 100_000:
            await install.refresh()
            pause()
        assert await install.pause() == "paused"
        files.go.set()
        # It is paused when the next piece has come.
        while await install.refresh() and install.record.download_parts[0].status != "paused":
            pause()
        assert install.status == "paused"
        assert await install.resume() in ("waiting", "downloading", "downloads_done", "running", "completed")
        model = await install.wait(timeout=60)
        assert model.file_size == 400_000
        assert await install.resume() == "completed"
        await server.models.delete(model)

    downloading(script)
    first, second = files.sent("GET")
    assert "range" not in first.headers
    assert second.headers["range"].startswith("bytes=")


def pause() -> None:
    """Let a moment pass; nothing else happens in the loop."""
    time.sleep(0.02)


def test_what_the_server_does_not_download(client: InvokeAI, files: FileServer) -> None:
    # The server of the tests downloads only from the network, as any does that was not told otherwise.
    install = client.models.install(f"{files.url}/a.safetensors")
    with pytest.raises(InstallFailed, match=r"Refusing to download from '127\.0\.0\.1'") as caught:
        install.wait(timeout=60)
    assert caught.value.error_type == "UnsafeDownloadURLException"
    assert not files.requests


def test_hugging_face_without_a_network(downloading: Carried) -> None:
    async def script(server: Any) -> None:
        for source in ("owner/name", "https://huggingface.co/owner/name"):
            with pytest.raises(ServerFault, match=rf"failed to install {source}: .*does not reach Hugging Face"):
                await server.models.install(source, access_token=SECRET)
            # After a fault the server closes the connection, sooner or later.
            assert await server.version()
        assert await server.models.hugging_face_login() == "invalid"
        assert await server.models.log_in_to_hugging_face(SECRET) == "invalid"
        assert await server.models.log_out_of_hugging_face() == "invalid"

    downloading(script)


# ------------------------------------------------------------------ accounts


def test_only_an_administrator_changes_models(accounts: Accounts, tmp_path: Path, unique: str) -> None:
    path = add(tmp_path, "vae")
    with InvokeAI(accounts.url, **accounts.admin) as admin, InvokeAI(accounts.url, **accounts.user) as user:
        model = admin.models.install(path, name=unique).wait(timeout=60)
        assert user.models.find(unique) == model
        assert user.models.by_hash(model.hash) == model
        refused: list[Callable[[], object]] = [
            lambda: user.models.install(path),
            user.models.installs,
            lambda: user.models.update(model, name="other"),
            lambda: user.models.delete(model),
            lambda: user.models.scan_folder(tmp_path),
            user.models.stats,
            user.models.hugging_face_login,
        ]
        for attempt in refused:
            with pytest.raises(Forbidden, match="Admin privileges required"):
                attempt()
        assert isinstance(admin.models.get(model.key), InstalledModel)
        assert admin.models.delete(model).deleted == [model.key]
