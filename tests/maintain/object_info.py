"""Write the node classes that flowbind ships for ComfyUI: python object_info.py FILE RELEASE.

FILE is what a server answers to GET /object_info, plain or gzip. The same answer gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

SNAPSHOTS = Path(__file__).parents[2] / "generator/flowbind_generator/comfyui/snapshots"


def main(source: Path, release: str) -> None:
    """Write the snapshot, in the server's order, which the editor follows."""
    data = source.read_bytes()
    document = json.loads(gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    (SNAPSHOTS / f"object_info-{release}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
