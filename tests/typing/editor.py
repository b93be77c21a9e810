"""What a user does in an editor, and what the editor shows: hovers, completions, signatures and errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.typing.language_server import LanguageServer

CARET = "‸"
"""Where the pointer or the cursor is, in the text of a page."""


@dataclass(frozen=True)
class Shown:
    """A box with code above and words below, the words on one line."""

    code: str
    words: str


@dataclass(frozen=True)
class Completion:
    """One line of the list that pops up; the server keeps what it says about it until asked."""

    label: str
    item: dict[str, Any]


@dataclass(frozen=True)
class Signature:
    """What is shown while a call is typed; `active` is the parameter in bold, None if there is none."""

    parameters: list[str]
    active: str | None
    words: str


@dataclass(frozen=True)
class Problem:
    """A message, the line it is about, and what is underlined in it."""

    line: str
    underlined: str
    message: str
    is_error: bool


class Editor:
    """An editor with a user's folder open."""

    def __init__(self, server: LanguageServer, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def show(self, text: str, name: str = "script.py") -> Page:
        """Show a text as a file of the folder; each caret in it is taken out and becomes a place to ask about."""
        parts = text.split(CARET)
        places = [place_after("".join(parts[:n])) for n in range(1, len(parts))]
        text = "".join(parts)
        return Page(self.server, self.server.show(self.folder / name, text), text, places)


@dataclass(frozen=True)
class Page:
    """A file as it is shown. What is asked goes for its place of that number."""

    server: LanguageServer
    uri: str
    text: str
    places: list[dict[str, int]]

    def hover(self, place: int = 0) -> Shown:
        """Return what the pointer brings up."""
        found = self._ask("hover", place)
        return boxed(found["contents"]["value"] if found else "")

    def hovers(self) -> list[Shown]:
        """Return the same for all places."""
        return [self.hover(place) for place in range(len(self.places))]

    def completions(self, place: int = 0) -> list[Completion]:
        """Return what pops up, in the order in which an editor shows it when nothing is typed yet."""
        items = self._ask("completion", place)["items"]
        return [Completion(i["label"], i) for i in sorted(items, key=lambda i: i.get("sortText", i["label"]))]

    def described(self, completion: Completion) -> Shown:
        """Return what is shown beside a completion when it is selected."""
        resolved = self.server.request("completionItem/resolve", completion.item)
        return boxed(resolved.get("documentation", {}).get("value", ""))

    def signature(self, place: int = 0) -> Signature:
        """Return the one signature of the call around a place."""
        found = self._ask("signatureHelp", place)
        (told,) = found["signatures"]
        parameters = [told["label"][slice(*p["label"])] for p in told["parameters"]]
        active = told.get("activeParameter", found["activeParameter"])
        return Signature(
            parameters,
            # One past the last is how the server says that none is meant.
            parameters[active] if active < len(parameters) else None,
            one_line(told["documentation"]["value"]),
        )

    def problems(self) -> list[Problem]:
        """Return what is underlined."""
        return [self._problem(**found) for found in self.server.diagnostics(self.uri)]

    def _ask(self, method: str, place: int) -> Any:
        params = {"textDocument": {"uri": self.uri}, "position": self.places[place]}
        return self.server.request(f"textDocument/{method}", params)

    def _problem(self, range: dict[str, dict[str, int]], message: str, severity: int, **_: Any) -> Problem:
        start, end = range["start"], range["end"]
        line = self.text.split("\n")[start["line"]]
        # The end of what goes on in further lines is not of interest: all of the first line is underlined.
        last = 2 * end["character"] if end["line"] == start["line"] else None
        underlined = line.encode("utf-16-le")[2 * start["character"] : last].decode("utf-16-le")
        return Problem(line, underlined, message, severity == 1)


def place_after(text: str) -> dict[str, int]:
    """Return the position after a text, counted as the protocol does: in units of UTF-16."""
    line, last = text.count("\n"), text.rpartition("\n")[2]
    return {"line": line, "character": len(last.encode("utf-16-le")) // 2}


def boxed(markdown: str) -> Shown:
    """Take a box of the server's apart."""
    code, _, words = markdown.removeprefix("```python\n").partition("\n```")
    return Shown(code, one_line(words.removeprefix("\n---\n")))


def one_line(markdown: str) -> str:
    """Return Markdown as it reads: its escapes undone, its lines joined."""
    return " ".join(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).split())
