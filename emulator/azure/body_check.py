"""Strict checks of request bodies: unknown members, wrong types, missing members, unknown values.

The SDK packages ship TypedDicts with the REST names of the very API version that they speak. They
are loaded without their clients, which take seconds to import.
"""

import functools
import importlib
import importlib.util
import re
import sys
import typing
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Required

import typing_extensions
from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

from emulator.azure.arm_error import ArmError

_IMPORTED_FOR_TYPES_ONLY = re.compile(r"^        ([A-Z]\w+),$", re.MULTILINE)
_SHOWN = 5


def check(package: str, model: str, body: Any, *, flat: bool) -> None:
    """Check ``body`` against ``model`` of ``azure.mgmt.<package>.types``.

    Raises:
        ArmError: 400, naming the first members that are wrong.
    """
    _raise_for(_sdk_model(package, model), model, body, flat=flat)


def check_small(shape: type, body: Any, *, flat: bool = False) -> None:
    """Check ``body`` against one of this module's own shapes.

    Raises:
        ArmError: 400.
    """
    _raise_for(_own_model(shape), shape.__name__, body, flat=flat)


def load() -> None:
    """Build the checks now, about half a second, instead of within the first request."""
    for package, model in (
        ("containerservice", "ManagedCluster"),
        ("containerservice", "AgentPool"),
        ("network", "VirtualNetwork"),
        ("network", "Subnet"),
    ):
        _sdk_model(package, model)


def _raise_for(adapter: TypeAdapter[Any], model: str, body: Any, *, flat: bool) -> None:
    try:
        adapter.validate_python(body, strict=True)
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False, include_input=False)
        told = "; ".join(
            f"{'.'.join(str(part) for part in e['loc']) or model}: {e['msg']}"
            for e in errors[:_SHOWN]
        )
        raise ArmError(
            400,
            "InvalidRequestContent" if not flat else "BadRequest",
            f"The request content was invalid and could not be deserialized: '{told}'.",
            flat=flat,
        ) from wrong


@functools.cache
def _own_model(shape: type) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


@functools.cache
def _sdk_model(package: str, model: str) -> TypeAdapter[Any]:
    return TypeAdapter(getattr(_sdk_types(package), model))


@functools.cache
def _sdk_types(package: str) -> ModuleType:
    """The package's ``types`` module, repaired so that it can be checked against."""
    found = importlib.util.find_spec("azure.mgmt.core")
    if found is None or found.origin is None:
        raise ModuleNotFoundError(package)
    root = Path(found.origin).parents[1] / package
    alias = f"_arm_types_{package}"
    for name, folder in ((alias, root), (f"{alias}.models", root / "models")):
        empty = ModuleType(name)
        empty.__path__ = [str(folder)]
        sys.modules[name] = empty
    enums = importlib.import_module(f"{alias}.models._enums")
    types = importlib.import_module(f"{alias}.types")
    text = Path(str(types.__file__)).read_text(encoding="utf-8")
    for name in set(_IMPORTED_FOR_TYPES_ONLY.findall(text)):
        if not hasattr(types, name):
            setattr(types, name, getattr(enums, name))
    for shape in list(vars(types).values()):
        if isinstance(shape, type) and typing_extensions.is_typeddict(shape):
            _repair(shape, types)
    return types


def _repair(shape: Any, types: ModuleType) -> None:
    """Require only what is marked so, forbid unknown members, close lists of values."""
    marked = {k: "Required[" in str(v) for k, v in shape.__annotations__.items()}
    shape.__required_keys__ = frozenset(k for k, required in marked.items() if required)
    shape.__optional_keys__ = frozenset(k for k, required in marked.items() if not required)
    shape.__total__ = False
    shape.__pydantic_config__ = ConfigDict(extra="forbid")
    shape.__annotations__ = {
        key: _closed(value, types) for key, value in shape.__annotations__.items()
    }


def _closed(annotation: Any, types: ModuleType) -> Any:  # noqa: PLR0911 # one per kind of type
    """``Union[str, "SomeEnum"]``, at any depth, as a string that is one of the enum's values."""
    arguments = typing.get_args(annotation)
    if not arguments:
        return annotation
    origin = typing.get_origin(annotation)
    names = [a.__forward_arg__ for a in arguments if isinstance(a, typing.ForwardRef)]
    if str in arguments and names:
        values = getattr(types, names[0], None)
        if isinstance(values, type) and issubclass(values, Enum):
            one_of = Annotated[str, AfterValidator(_one_of(str(v.value) for v in values))]
            return typing.Optional[one_of] if type(None) in arguments else one_of  # noqa: UP045 # a value
        return annotation
    if origin is list:
        return list[_closed(arguments[0], types)]
    if origin in (Required, typing_extensions.Required):
        return Required[_closed(arguments[0], types)]
    if origin is typing.Union:
        return typing.Union[tuple(_closed(a, types) for a in arguments)]  # noqa: UP007 # a value
    return annotation


def _one_of(values: Iterable[str]) -> Callable[[str], str]:
    known = sorted(values)
    lower = {value.lower() for value in known}

    def check_value(value: str) -> str:
        # Services compare in any case; an empty string means the default.
        if value and value.lower() not in lower:
            message = f"'{value}' is not one of {', '.join(known)}"
            raise ValueError(message)
        return value

    return check_value
