"""Who logs in: the accounts that users give, as arguments, in the environment or in a netrc file."""

from __future__ import annotations

import os
from dataclasses import dataclass

from flowbind.transport.address import origin
from flowbind.transport.secret import Secret

URL, EMAIL, PASSWORD, CA_FILE = "INVOKEAI_URL", "INVOKEAI_EMAIL", "INVOKEAI_PASSWORD", "INVOKEAI_CA_FILE"


@dataclass(frozen=True)
class Credentials:
    """An account of a server; `source` says where it was found, for messages."""

    email: str
    password: Secret
    source: str


def given_credentials(email: str | None, password: str | None) -> Credentials | None:
    """Return the account that arguments name, None where they name none; raises `ValueError` for half of one."""
    return _both(email, password, ("email", "password"), "the arguments of the client")


def environment_credentials(url: str) -> Credentials | None:
    """Return the account that the environment names; none where it names another server, too: it is that one's."""
    own_server = os.environ.get(URL)
    if own_server and origin(own_server) != origin(url):
        return None
    email, password = os.environ.get(EMAIL) or None, os.environ.get(PASSWORD) or None
    return _both(email, password, (EMAIL, PASSWORD), f"{EMAIL} and {PASSWORD}")


def netrc_credentials(host: str) -> tuple[Credentials | None, str]:
    """Return the account that a netrc file has for a host, and what is wrong with the file: never its content.

    The file is that of the variable NETRC, else `~/.netrc`. Its entry `default` is not used: a password is for a host.
    """
    from netrc import NetrcParseError, netrc

    named = os.environ.get("NETRC")
    shown = named or "~/.netrc"
    if not named and not os.path.exists(os.path.expanduser(shown)):
        return None, ""
    try:
        # Only without a name is it checked that nobody else may read the file.
        entry = netrc(named).hosts.get(host) if named else netrc().hosts.get(host)
    except NetrcParseError as error:
        # What is said with a line quotes it.
        return None, f"line {error.lineno} of {shown} is not understood" if error.lineno else str(error.msg)
    except UnicodeDecodeError:
        return None, f"{shown} is no text"
    except OSError as error:
        return None, f"{shown} cannot be read ({error.strerror})"
    if entry is None:
        return None, ""
    email, _, password = entry
    if not (email and password):
        return None, f"the entry for {host} in {shown} has no login or no password"
    return Credentials(email, Secret(password), shown), ""


def _both(email: str | None, password: str | None, names: tuple[str, str], source: str) -> Credentials | None:
    if email is None and password is None:
        return None
    if not email or not password:
        missing, there = names if not email else reversed(names)
        raise ValueError(f"{there} is given and {missing} is not: an account of a server needs both")
    return Credentials(email, Secret(password), source)
