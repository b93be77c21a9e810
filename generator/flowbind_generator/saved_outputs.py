"""What runs have made, on this machine: files saved into a folder, all else as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from filecmp import cmp
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from flowbind.downloadable import Downloadable
from flowbind.errors import LookupFailed, ServerError
from flowbind.outside import printable
from flowbind.result import Result
from flowbind.workflow import RANDOM


@dataclass(frozen=True)
class Saved:
    """The outputs of one run, with paths in place of files; `problems` says which files are not saved, and why."""

    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[str] = field(default_factory=list[str])


def saved(result: Result[Any], out: Path) -> Saved:
    """Save the files of a result; what cannot be saved stays what the server calls it. Raises what saving raises."""
    found = Saved()
    for name, value in vars(result.outputs).items():
        made = value if isinstance(value, list) else [value]
        if any(isinstance(item, Downloadable) for item in made):
            found.outputs[name] = [_kept(name, item, out, found.problems) for item in made]
        else:
            found.outputs[name] = value
    return found


def _kept(name: str, item: Any, out: Path, problems: list[str]) -> Any:
    if not isinstance(item, Downloadable):
        return item
    try:
        return _save(item, out)
    except (LookupFailed, ServerError) as error:
        # The others may do all the same, and may be on another server.
        problems.append(f"{name}: not saved: {error}")
        return item


def _save(file: Any, out: Path) -> Path:
    """Save a file under its own name; one that another file here has gets a number.

    Servers count files in a folder of theirs: in another one, or on another server, they begin anew.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".", dir=out) as folder:
        made: Path = file.save(Path(folder))
        names = chain([made.name], (f"{made.stem} ({number}){made.suffix}" for number in count(2)))
        target = next(path for name in names if not (path := out / name).exists() or _is_same(path, made))
        return made.replace(target)


def _is_same(one: Path, other: Path) -> bool:
    return one.is_file() and cmp(one, other, shallow=False)


def items(outputs: Mapping[str, Any]) -> Iterator[Any]:
    """Yield all that outputs hold, one by one."""
    for value in outputs.values():
        yield from value if isinstance(value, list) else [value]


def lines(outputs: Mapping[str, Any]) -> list[str]:
    """Return outputs as lines of text: the paths of files, names and values of all else."""
    return [line for name, value in outputs.items() for line in _lines(name, value)]


def as_json(value: Any) -> Any:
    """Return what JSON has for a value: paths, files of the server and objects such as a colour are plain in it."""
    return json.loads(json.dumps(value, default=_plain))


def _lines(name: str, value: Any) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, Path) for item in value):
        return [str(path) for path in value]
    return [f"{name}: {printable(json.dumps(value, ensure_ascii=False, default=_plain))}"]


def _plain(value: Any) -> Any:
    """Return what JSON has for a path, a file of the server, or an object such as a colour."""
    if isinstance(value, Path):
        return str(value)
    if value is RANDOM:
        return "random"
    if isinstance(value, Downloadable):
        return cast(Any, value).name
    return {name: own for name, own in vars(value).items() if own is not None}
