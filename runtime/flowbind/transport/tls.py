"""TLS: whom a client trusts, by which certificate it is known itself, and what can go wrong with either."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NoReturn, TypeAlias

if TYPE_CHECKING:
    from ssl import SSLContext

Verify: TypeAlias = "bool | str | Path | SSLContext"
Certificate: TypeAlias = str | Path | tuple[str | Path, str | Path]


@dataclass(frozen=True)
class Tls:
    """What a user said of TLS; see `InvokeAI`."""

    verify: Verify = True
    cert: Certificate | None = None
    _made: list[SSLContext] = field(default_factory=list["SSLContext"], init=False, repr=False, compare=False)
    _making: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def context(self) -> SSLContext:
        """Return the context for connections; made on first use, since that reads all authorities.

        Raises `ValueError` for files that cannot be used.
        """
        with self._making:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def _make(self) -> SSLContext:
        import ssl

        import httpx

        if isinstance(self.verify, ssl.SSLContext):
            if self.cert is not None:
                raise ValueError("cert: load the certificate into the SSLContext that you gave as verify")
            return self.verify
        if isinstance(self.verify, bool):
            made = httpx.create_ssl_context(verify=self.verify)
        else:
            file, folder = (None, self.verify) if Path(self.verify).is_dir() else (self.verify, None)
            try:
                made = ssl.create_default_context(cafile=file, capath=folder)
            except OSError as error:
                raise ValueError(_unusable("verify", self.verify, "authorities", error)) from None
        if self.cert is not None:
            file, key = self.cert if isinstance(self.cert, tuple) else (self.cert, None)
            try:
                made.load_cert_chain(file, key, _no_password)
            except OSError as error:
                raise ValueError(_unusable("cert", file, "a certificate and its key", error)) from None
        return made


def tls_problem(error: BaseException) -> str | None:
    """Return what is wrong with the certificates where that is why a connection failed, and what to do."""
    import ssl

    found: BaseException | None = error
    while found is not None and not isinstance(found, ssl.SSLError):
        found = found.__cause__ or found.__context__
    if isinstance(found, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({found.verify_message}). Give the file of its authority: "
            'verify="authority.pem" (INVOKEAI_CA_FILE for `from_env` and the `flowbind` command), or correct the name '
            "in the address. verify=False trusts anybody"
        )
    if found is not None and "CERTIFICATE_REQUIRED" in (found.reason or ""):
        return 'it wants a certificate of the client: cert=("client.pem", "client.key")'
    if found is not None and found.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        return "it does not speak TLS: is it http:// instead of https://?"
    return None


def _unusable(option: str, path: object, what: str, error: OSError) -> str:
    return f"{option}: {str(path)!r} cannot be used as {what} ({error.strerror or type(error).__name__})"


def _no_password() -> NoReturn:
    # Otherwise OpenSSL would ask for it on the terminal.
    raise ValueError("cert: the key has a password. Load it into an SSLContext and give that as verify")
