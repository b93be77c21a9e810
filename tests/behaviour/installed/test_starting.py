"""Servers that start, answer, and are stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from flowbind import LocalServer
from flowbind.comfyui import ComfyUI
from flowbind.errors import LocalServerError
from flowbind.invokeai import InvokeAI
from flowbind.local_server import records

from .conftest import Family, make_venv
from .watching import processes_of, wait_until


def told(local: LocalServer) -> dict[str, Any]:
    """Return what a stand-in of ComfyUI tells of itself."""
    return httpx.get(f"{local.url}/system_stats").json()["system"]


def test_a_server_answers_in_its_block_and_is_gone_after_it(family: Family, tmp_path: Path) -> None:
    with family.make() as local:
        client = {"comfyui": ComfyUI, "invokeai": InvokeAI}[family.name]
        with client(local.url) as server:
            assert server.version() == local.release
        assert local.is_running()
        # Its keeper and itself.
        assert len(processes_of(tmp_path)) == 2
        assert repr(local) == f"<LocalServer {family.title} at {local.url}, pid {local.pid}>"
    assert not local.is_running()
    # It was asked to end, not killed.
    assert local.log().splitlines()[-1] == "Stopped server"
    assert processes_of(tmp_path) == []
    with records.held():
        assert records.running() == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_server_is_gone_after_an_exception(family: Family, tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), family.make():
        raise error
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize("detached", [True, False])
def test_a_server_that_crashed_can_be_started_again(family: Family, tmp_path: Path, detached: bool) -> None:
    now = tmp_path / "now"
    local = family.make(environment={"STAND_IN_CRASHES": str(now)}, detached=detached)
    with local:
        now.touch()
        wait_until(lambda: not local.is_running())
        now.unlink()
        assert local.start().is_running()
    assert processes_of(tmp_path) == []


def test_a_server_can_be_started_again(family: Family) -> None:
    local = family.make()
    with local:
        first = local.pid
        with pytest.raises(LocalServerError, match="runs already"):
            local.start()
    with local:
        assert local.pid != first
    local.stop()


def test_what_was_not_started_has_no_address(family: Family) -> None:
    local = family.make()
    local.stop()
    assert not local.is_running()
    with pytest.raises(LocalServerError, match="has not been started"):
        _ = local.url


def test_comfyui_gets_its_options(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["--cpu", "--base-directory", str(tmp_path / "base")]
    with LocalServer.comfyui(
        checkout, input_directory="in", output_directory=tmp_path / "out/put", args=given
    ) as local:
        assert told(local)["argv"][1:] == [
            *("--listen", "127.0.0.1", "--port", str(local.port), "--disable-auto-launch"),
            *("--input-directory", str(tmp_path / "in"), "--output-directory", str(tmp_path / "out/put")),
            *given,
        ]
        assert (tmp_path / "out/put").is_dir()


def test_the_environment_is_the_programs_without_its_python_and_with_additions(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "HUE"):
        monkeypatch.setenv(name, "/ours")
    with LocalServer.comfyui(checkout, environment={"CUDA_VISIBLE_DEVICES": "1", "HF_TOKEN": "s3cret"}) as local:
        environment = told(local)["environment"]
        assert environment["CUDA_VISIBLE_DEVICES"] == "1"
        assert environment["HUE"] == "/ours"
        assert not {"PYTHONPATH", "VIRTUAL_ENV"} & environment.keys()
        recorded = "".join(file.read_text() for file in records.folder().glob("*.json"))
        assert "s3cret" not in recorded + repr(local)


@pytest.mark.parametrize("place", ["venv", ".venv"])
def test_comfyui_runs_under_its_own_python(checkout: Path, place: str) -> None:
    make_venv(checkout / place)
    with LocalServer.comfyui(checkout) as local:
        assert told(local)["python"] == str(checkout / place / "bin/python")


def test_comfyui_runs_under_a_given_python(checkout: Path, tmp_path: Path) -> None:
    make_venv(checkout / "venv")
    make_venv(tmp_path / "other")
    with LocalServer.comfyui(checkout, python=tmp_path / "other/bin/python") as local:
        assert told(local)["python"] == str(tmp_path / "other/bin/python")


@pytest.mark.parametrize("given", ["other/bin/python", "~/other/bin/python", "python"])
def test_a_python_is_named_as_from_where_one_is(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    make_venv(tmp_path / "other")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "other/bin"), prepend=os.pathsep)
    with LocalServer.comfyui(checkout, python=given) as local:
        assert told(local)["python"] == str(tmp_path / "other/bin/python")


def test_comfyui_without_a_python_of_its_own_runs_under_ours(checkout: Path) -> None:
    with LocalServer.comfyui(str(checkout)) as local:
        assert told(local)["python"] == sys.executable


def test_a_server_with_tls_has_its_scheme(checkout: Path, tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(part.bytes() for part in certificate.cert_chain_pems))
    key.write_bytes(certificate.private_key_pem.bytes())
    args = ["--tls-certfile", str(chain), "--tls-keyfile", str(key)]
    with LocalServer.comfyui(checkout, args=args) as local:
        assert local.url == f"https://127.0.0.1:{local.port}"


def test_a_proxy_is_not_asked(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with family.make() as local:
        assert local.release


def test_a_server_that_listens_everywhere_is_asked_here(family: Family) -> None:
    with family.make(host="0.0.0.0") as local:
        assert local.url == f"http://127.0.0.1:{local.port}"


def test_several_at_once_have_ports_of_their_own(checkout: Path, venv: Path, tmp_path: Path) -> None:
    made = [
        *(LocalServer.comfyui(checkout) for _ in range(2)),
        *(LocalServer.invokeai(venv, tmp_path / f"root {number}") for number in range(2)),
    ]
    with ThreadPoolExecutor() as pool:
        list(pool.map(LocalServer.start, made))
    assert len({local.port for local in made}) == 4
    assert len({local.log_file for local in made}) == 4
    for local in made:
        local.stop()
    assert processes_of(tmp_path) == []


def test_two_of_one_checkout_share_no_passing_files(checkout: Path) -> None:
    with LocalServer.comfyui(checkout) as first:
        kept = checkout / "temp" / "preview.png"
        kept.write_bytes(b"of the first")
        with LocalServer.comfyui(checkout) as second:
            argv = told(second)["argv"]
            assert argv[argv.index("--database-url") + 1] == "sqlite:///:memory:"
            own = Path(argv[argv.index("--temp-directory") + 1])
            assert (own / "temp").is_dir()
        assert kept.exists()
        assert not own.exists()
        assert "--temp-directory" not in told(first)["argv"]


def test_a_release_without_an_option_is_not_given_it(checkout: Path) -> None:
    shutil.rmtree(checkout / "comfy")
    with LocalServer.comfyui(checkout), LocalServer.comfyui(checkout) as second:
        assert "--database-url" not in told(second)["argv"]


def test_options_of_ones_own_come_first(checkout: Path, tmp_path: Path) -> None:
    own = ["--database-url=sqlite:///mine.db", "--temp-directory", str(tmp_path / "mine")]
    with LocalServer.comfyui(checkout), LocalServer.comfyui(checkout, args=own) as second:
        assert told(second)["argv"][-3:] == own
        assert told(second)["argv"].count("--temp-directory") == 1


@pytest.mark.parametrize("given", ["--port", "--port=8188", "--listen"])
def test_what_has_an_argument_of_its_own_is_not_given_twice(checkout: Path, given: str) -> None:
    with pytest.raises(ValueError, match=r"give (port|host)= \(in a shell --(port|host)\) instead of"):
        LocalServer.comfyui(checkout, args=[given])


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_what_is_no_port_is_refused(family: Family, port: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 65535"):
        family.make(port=port)


def test_what_is_no_installation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match=r"give the folder that holds its main\.py"):
        LocalServer.comfyui(tmp_path)
    with pytest.raises(LocalServerError, match="is no virtual environment"):
        LocalServer.invokeai(tmp_path, tmp_path)
    make_venv(tmp_path / "empty")
    with pytest.raises(LocalServerError, match="No InvokeAI is installed in"):
        LocalServer.invokeai(tmp_path / "empty", tmp_path)
    with pytest.raises(LocalServerError, match="~nobody-here/ComfyUI is in a home that this machine does not have"):
        LocalServer.comfyui("~nobody-here/ComfyUI")


def test_a_path_may_have_spaces_and_letters_of_any_language(family: Family, tmp_path: Path) -> None:
    odd = tmp_path / "Ada's Gerät «1»"
    odd.mkdir()
    for folder in ("ComfyUI", "venv"):
        shutil.copytree(tmp_path / folder, odd / folder, symlinks=True)
    made = {
        "comfyui": lambda: LocalServer.comfyui(odd / "ComfyUI", output_directory=odd / "out put"),
        "invokeai": lambda: LocalServer.invokeai(odd / "venv", odd / "root 1"),
    }
    with made[family.name]() as local:
        assert local.is_running()


def test_a_server_listens_at_ipv6(checkout: Path) -> None:
    with LocalServer.comfyui(checkout, host="::1") as local:
        assert local.url == f"http://[::1]:{local.port}"
        assert told(local)["argv"][2] == "::1"


def test_a_detached_server_outlives_its_program(program: Any, tmp_path: Path) -> None:
    ended = program("local = make(detached=True).start(); print(local.pid)")
    pid = int(ended.communicate()[0])
    with records.held():
        (record,) = records.running()
    assert (record.pid, record.detached) == (pid, True)
    assert httpx.get(f"{record.url}/system_stats").status_code == 200
    # It is alone: nothing of flowbind's goes on with it.
    assert len(processes_of(tmp_path)) == 1
    assert records.stopped(record, 20)
    assert record.log.read_text().endswith("Stopped server\n")
    assert processes_of(tmp_path) == []


def test_a_detached_server_is_stopped_by_who_started_it(family: Family, tmp_path: Path) -> None:
    local = family.make(detached=True).start()
    assert local.is_running()
    local.stop()
    assert not local.is_running()
    assert processes_of(tmp_path) == []
    local.stop()


def test_importing_flowbind_loads_nothing_of_it() -> None:
    asked = "import sys, flowbind; print([name for name in sys.modules if 'local_server' in name])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
