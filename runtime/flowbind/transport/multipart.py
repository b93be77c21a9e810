"""The body of an upload, in pieces."""

from __future__ import annotations

import errno
import re
import uuid
from collections.abc import Iterator, Mapping

from flowbind.transport.steps import Upload

_PIECE = 1 << 18
# In a quoted string of a header these would end it, or the header.
_ESCAPED = {'"': "%22", "\r": "%0D", "\n": "%0A", "\\": "%5C"}


class Multipart:
    """A form with one file, which is read each time that it is iterated: at a login requests are sent twice."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        boundary = uuid.uuid4().hex
        fields = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in upload.fields.items()
        )
        named = re.sub(r'["\r\n\\]', lambda found: _ESCAPED[found[0]], upload.name)
        self._head = (
            f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="{upload.field}"; filename="{named}"\r\n'
            f"Content-Type: {upload.media_type}\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers: Mapping[str, str] = {
            "content-type": f"multipart/form-data; boundary={boundary}",
            "content-length": str(len(self._head) + upload.size + len(self._tail)),
        }

    def __iter__(self) -> Iterator[bytes]:
        file, left, before = self._upload.file, self._upload.size, self._head
        file.seek(self._upload.start)
        while left:
            piece = file.read(min(_PIECE, left))
            if not piece:
                raise OSError(errno.EIO, "The file got shorter while it was sent", self._upload.name)
            left -= len(piece)
            # A small form goes out at once: a server that refuses it early has read all of it, and its answer arrives.
            yield before + piece if left else before + piece + self._tail
            before = b""
