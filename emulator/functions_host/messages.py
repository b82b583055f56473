"""Stand-ins for the compiled FunctionRpc messages.

The worker library never sends these: it only builds them and reads their attributes, so plain
attribute holders are enough (https://github.com/Azure/azure-functions-language-worker-protobuf).
"""

from types import SimpleNamespace
from typing import Any


class Message(SimpleNamespace):
    """Any FunctionRpc message."""


class TypedData:
    """The one-of that carries a value: exactly one of string, json, bytes, http, int, double.

    Attributes:
        kind: Which one is set; None for an empty message.
    """

    def __init__(self, **one: Any) -> None:
        self.kind = next(iter(one), None)
        self.__dict__.update(one)

    @property
    def value(self) -> Any:
        """Whatever is set; None for an empty message."""
        return None if self.kind is None else self.__dict__[self.kind]

    def WhichOneof(self, _: str) -> str | None:  # noqa: N802 - protobuf's name
        """Which field is set, as protobuf answers."""
        return self.kind


class ParameterBinding(Message):
    """A named value, into a function or out of it."""

    name: str
    data: TypedData

    def WhichOneof(self, _: str) -> str:  # noqa: N802 - protobuf's name
        """Which transport carries the value: never shared memory here."""
        return "data"


class StatusResult(Message):
    """Whether something went well."""

    Failure = 0
    Success = 1


class BindingInfo(Message):
    """One binding of a function; its directions."""

    in_ = 0
    out = 1
    inout = 2
    undefined = 0
    DataType = SimpleNamespace(undefined=0, string=1, binary=2, stream=3)


class RpcHttpCookie(Message):
    """One cookie of an answer; ``same_site`` is the word that the header carries."""

    SameSite = SimpleNamespace(Lax="lax", Strict="strict", ExplicitNone="none", **{"None": ""})


class Protos:
    """The module of messages that the worker is handed; unnamed ones are plain messages."""

    TypedData = TypedData
    ParameterBinding = ParameterBinding
    StatusResult = StatusResult
    BindingInfo = BindingInfo
    RpcHttpCookie = RpcHttpCookie

    def __getattr__(self, name: str) -> type[Message]:
        made: type[Message] = type(name, (Message,), {})
        setattr(self, name, made)
        return made


PROTOS = Protos()


def envelope(**request: Any) -> Message:
    """One streaming message from host to worker."""
    return Message(request=Message(**request), properties={"host": "127.0.0.1", "protos": PROTOS})
