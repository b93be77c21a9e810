"""Short videos for tests, made with what the throwaway server brings."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from throwaway import install

_MAKE = """
import subprocess, sys
from imageio_ffmpeg import get_ffmpeg_exe
source = ["-f", "lavfi", "-i", "color=red:size=16x16:duration=0.2"]
subprocess.run([get_ffmpeg_exe(), "-loglevel", "error", *source, sys.argv[1]], check=True)
"""


def a_video(folder: Path) -> Path:
    """Make a video of five frames."""
    path = folder / "red.mp4"
    subprocess.run([str(install().python), "-c", _MAKE, str(path)], check=True, timeout=60)
    return path


def another(video: bytes) -> bytes:
    """Return the same video as another content: a box that players skip is added."""
    return video + (16).to_bytes(4, "big") + b"free" + os.urandom(8)
