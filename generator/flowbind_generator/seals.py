"""Seals: the digest of an entry's lines in the manifest, by which digests alone tell that nobody edited them."""

from __future__ import annotations

from flowbind.digest import sha256

UNSEALED = ""
"""What an entry has as `seal` until its lines are known."""

# A line holds whole strings, so its indentation alone says where the entry of a workflow begins and ends.
_BEGIN, _END = '\n    "', "\n    }"
_SEAL = '\n      "seal": "'
_NO_SEAL = f'{_SEAL}{UNSEALED}"'
# The bytes of an export may change without its JSON.
_NOT_SEALED = (_SEAL, '\n      "file_digest": "')


def sealed(text: str) -> str:
    """Return the text of a manifest with a seal in each entry that has none yet; one that was kept keeps its own."""
    return _BEGIN.join(_with_seal(entry) for entry in text.split(_BEGIN))


def is_sealed(text: str, workflows: int) -> bool:
    """Tell whether a manifest of that many workflows has all their entries as they were written."""
    entries = [entry for entry in text.split(_BEGIN) if _SEAL in entry]
    return len(entries) == workflows and all(f'{_SEAL}{_digest(entry)}"' in entry for entry in entries)


def _with_seal(entry: str) -> str:
    return entry.replace(_NO_SEAL, f'{_SEAL}{_digest(entry)}"') if _NO_SEAL in entry else entry


def _digest(entry: str) -> str:
    lines = entry.partition(_END)[0]
    for key in _NOT_SEALED:
        before, _, after = lines.partition(key)
        lines = "\n".join((before, after.partition("\n")[2]))
    return sha256(lines.encode())
