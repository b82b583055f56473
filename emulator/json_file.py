"""JSON files that people name on a command line."""

import json
from pathlib import Path
from typing import Any


class Unreadable(Exception):
    """The file is missing or no JSON; the text names it and says where it is wrong."""


def read_json(path: Path) -> Any:
    """What the file holds, an object or not.

    Raises:
        Unreadable: It cannot be opened, or holds no JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except OSError as wrong:
        raise Unreadable(f"{path}: {wrong.strerror}") from wrong
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno} column {wrong.colno}"
        raise Unreadable(f"{path}: not JSON: {where}: {wrong.msg}") from wrong
    except UnicodeDecodeError as wrong:
        raise Unreadable(f"{path}: not JSON: byte {wrong.start} is no UTF-8") from wrong
    except RecursionError as wrong:
        raise Unreadable(f"{path}: not JSON: nested too deeply") from wrong
