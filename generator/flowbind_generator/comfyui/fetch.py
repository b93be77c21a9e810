"""Asking a running ComfyUI for its node classes and its release."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flowbind.comfyui.files import StoredFile
from flowbind.outside import tellable
from flowbind_generator.comfyui.recognise import as_null, claims_document
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import VERSION_KEY
from flowbind_generator.reading import MOST_BYTES
from flowbind_generator.strict_json import parse

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

_DOCUMENT = "/object_info"
_FILE = "/view"
_RELEASE = "/system_stats"
# A server with many packages takes seconds to tell of all its classes.
_SECONDS = 60.0
_IS_IT_COMFYUI = "Check that it is the address of a ComfyUI server, as the browser has it."


def fetch(url: str) -> tuple[dict[str, Any], str | None]:
    """Return a server's answer to `/object_info`, marked with its release, and the release.

    The address may have a path, a login, or be that of the answer itself. Raises `Refused` where the server does not
    answer as it should.
    """
    report = Report(tellable(url))
    base = _base(url)
    document = _asked(base + _DOCUMENT, report)
    if not isinstance(document, dict) or not claims_document(document):
        raise _refused(report, f"{_DOCUMENT} tells of no node classes", _IS_IT_COMFYUI)
    release = _release(_asked(base + _RELEASE, report))
    if release is not None:
        document[VERSION_KEY] = release
    return document, release


def has_file(url: str, file: StoredFile) -> bool:
    """Tell whether a server has a file in one of its folders; of the file itself nothing is read."""
    asked = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
    return _answered(_base(url) + _FILE, Report(tellable(url)), lambda answer: answer.is_success, asked)


def _base(url: str) -> str:
    return url.rstrip("/").removesuffix(_DOCUMENT).rstrip("/")


def _release(stats: Any) -> str | None:
    system = stats.get("system") if isinstance(stats, dict) else None
    release = system.get("comfyui_version") if isinstance(system, dict) else None
    return release if isinstance(release, str) and release else None


def _asked(url: str, report: Report) -> Any:
    """Return what a server answers, parsed; raises `Refused` for what is no JSON within bounds."""

    def read(response: httpx.Response) -> bytes:
        _refuse_status(response, report)
        return _body(response, report)

    data = _answered(url, report, read)
    try:
        return parse(data, constant=as_null)
    except ValueError:
        is_page = data.lstrip()[:1] == b"<"
        why = "it answers with a page for people, perhaps a login" if is_page else "its answer is no JSON"
        raise _refused(report, why, _IS_IT_COMFYUI) from None


def _answered(url: str, report: Report, read: Callable[[httpx.Response], T], params: dict[str, str] | None = None) -> T:
    """Return what `read` makes of a server's answer; raises `Refused` where there is none."""
    import httpx

    try:
        with httpx.Client(timeout=_SECONDS) as client, client.stream("GET", url, params=params) as response:
            return read(response)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        raise _refused(report, "it is no address", "Give one that looks like http://127.0.0.1:8188.") from None
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
        raise _refused(report, f"it does not answer ({why})", "Check the address and start the server.") from None


def _refuse_status(response: httpx.Response, report: Report) -> None:
    status = response.status_code
    if status in (401, 403):
        why, cure = f"it wants a login ({status})", "Put user and password into the address: http://user:password@host."
    elif response.has_redirect_location:
        target = tellable(response.headers["location"])
        why, cure = f"it sends elsewhere ({status}), to {target}", "Give the address that it leads to."
    elif status != 200:
        why, cure = f"{response.url.path} is answered with {status}", _IS_IT_COMFYUI
    else:
        return
    raise _refused(report, why, cure)


def _body(response: httpx.Response, report: Report) -> bytes:
    data = bytearray()
    for part in response.iter_bytes():
        data += part
        if len(data) > MOST_BYTES:
            raise _refused(report, f"it answers with more than {MOST_BYTES >> 20} MiB", _IS_IT_COMFYUI)
    return bytes(data)


def _refused(report: Report, why: str, cure: str) -> Refused:
    report.error("FB401", f"The server cannot be asked: {why}.", cure)
    return Refused(report)
