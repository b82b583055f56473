"""A container's log: bounded, and readable while it grows."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path


class LogFile:
    """What a container has said.

    Args:
        limit: Bytes; beyond it the older half is dropped, as a kubelet rotates at 10 MiB.
    """

    def __init__(self, path: Path, limit: int = 10 * 1024 * 1024) -> None:
        self._path = path
        self._limit = limit
        self._dropped = 0
        self._grown = asyncio.Event()
        self.ended = False
        path.write_bytes(b"")

    def append(self, said: bytes) -> None:
        """Add output and tell those who follow."""
        with self._path.open("ab") as file:
            file.write(said)
            size = file.tell()
        if size > self._limit:
            whole = self._path.read_bytes()
            kept = whole[len(whole) // 2 :]
            self._path.write_bytes(kept)
            self._dropped += len(whole) - len(kept)
        self._announce()

    def end(self) -> None:
        """No more will come."""
        self.ended = True
        self._announce()

    def _announce(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    def read(self, tail_lines: int | None = None) -> bytes:
        """What is there now, or its last lines."""
        whole = self._path.read_bytes()
        if tail_lines is None:
            return whole
        lines = whole.splitlines(keepends=True)
        return b"".join(lines[len(lines) - tail_lines :] if tail_lines < len(lines) else lines)

    async def follow(self, tail_lines: int | None = None) -> AsyncIterator[bytes]:
        """What is there now and then everything that comes, until the container ends."""
        yield self.read(tail_lines)
        position = self._dropped + self._path.stat().st_size
        while True:
            grown, ended = self._grown, self.ended
            with self._path.open("rb") as file:
                file.seek(max(position - self._dropped, 0))
                news = file.read()
            if news:
                position += len(news)
                yield news
            elif ended:
                return
            else:
                await grown.wait()
