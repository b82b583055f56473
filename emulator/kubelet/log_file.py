"""A container's log: bounded, and readable while it grows."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
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
        self._marks: list[tuple[int, datetime]] = []
        self._grown = asyncio.Event()
        self.ended = False
        path.write_bytes(b"")

    def append(self, said: bytes) -> None:
        """Add output and tell those who follow."""
        with self._path.open("ab") as file:
            self._marks.append((self._dropped + file.tell(), datetime.now(UTC)))
            file.write(said)
            size = file.tell()
        if size > self._limit:
            whole = self._path.read_bytes()
            kept = whole[len(whole) // 2 :]
            self._path.write_bytes(kept)
            self._dropped += len(whole) - len(kept)
            first = bisect_right(self._marks, self._dropped, key=_offset) - 1
            self._marks = self._marks[first:]
        self._announce()

    def end(self) -> None:
        """No more will come."""
        self.ended = True
        self._announce()

    def _announce(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    def keep_as(self, path: Path) -> None:
        """Make way for the log of the next run."""
        self._path = self._path.rename(path)

    def read(
        self, tail_lines: int | None = None, *, since: datetime | None = None, stamped: bool = False
    ) -> bytes:
        """What is there now: of its last lines those that began ``since``, with their times."""
        whole = self._path.read_bytes()
        lines = list(self._timed(self._dropped, whole))
        if tail_lines is not None:
            lines = lines[max(len(lines) - tail_lines, 0) :]
        wanted = [(at, line) for at, line in lines if since is None or at >= since]
        return b"".join(_shown(at, line) if stamped else line for at, line in wanted)

    def _timed(self, offset: int, said: bytes) -> Iterator[tuple[datetime, bytes]]:
        """Lines, each with the time at which its beginning came."""
        for line in said.splitlines(keepends=True):
            found = bisect_right(self._marks, offset, key=_offset) - 1
            yield self._marks[max(found, 0)][1], line
            offset += len(line)

    async def follow(
        self, tail_lines: int | None = None, *, since: datetime | None = None, stamped: bool = False
    ) -> AsyncIterator[bytes]:
        """What is there now and then everything that comes, until the container ends."""
        said = self.read(tail_lines, since=since, stamped=stamped)
        yield said
        position = self._dropped + self._path.stat().st_size
        while True:
            grown, ended = self._grown, self.ended
            with self._path.open("rb") as file:
                file.seek(max(position - self._dropped, 0))
                news = file.read()
            if news:
                timed = list(self._timed(position, news)) if stamped else []
                position += len(news)
                inside = bool(said) and not said.endswith(b"\n")
                said = news
                yield _all_shown(timed, inside=inside) if stamped else news
            elif ended:
                return
            else:
                await grown.wait()


def _offset(mark: tuple[int, datetime]) -> int:
    return mark[0]


def _shown(at: datetime, line: bytes) -> bytes:
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z ".encode() + line


def _all_shown(timed: list[tuple[datetime, bytes]], *, inside: bool) -> bytes:
    """Lines with their times; the first has none when it goes on with one that was shown."""
    first = 1 if inside else 0
    return b"".join([line for _, line in timed[:first]] + [_shown(*t) for t in timed[first:]])
