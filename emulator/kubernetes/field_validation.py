"""Unknown and repeated fields: dropped in silence, dropped with a warning, or a refusal.

Facts: https://kubernetes.io/docs/reference/using-api/api-concepts/#validation-for-unrecognized-or-duplicate-fields
"""

from emulator.kubernetes.api_error import bad_request
from emulator.kubernetes.bodies import Body
from emulator.kubernetes.calls import Call
from emulator.kubernetes.decoding import Decoded, Decoder
from emulator.kubernetes.objects import JsonObject


def decoded_body(decoder: Decoder, call: Call) -> JsonObject:
    """The object that a create or update sends, without what its kind does not know.

    Raises:
        ApiError: It is no object of its kind, or not strictly one where the client asks for that
            (400); the client asks for an unknown kind of validation (422).
    """
    wanted, item = call.field_validation, call.body()
    decoded = decoder.decode(call.resource, item)
    why = complain(call, wanted, call.document(), decoded)
    if why:
        kind, version = call.resource.kind, call.resource.version
        text = f'{kind} in version "{version}" cannot be handled as a {kind}: {why}'
        raise bad_request(text)
    return decoded.item


def complain(call: Call, wanted: str, body: Body, decoded: Decoded) -> str:
    """Let the answer warn where the client wants that; why to refuse where it wants that."""
    unknown = tuple(f'unknown field "{path}"' for path in decoded.unknown)
    if wanted == "Warn":
        call.warnings.extend((*body.repeated, *unknown))
    reasons = (*body.refusal, *unknown)
    return f"strict decoding error: {', '.join(reasons)}" if wanted == "Strict" and reasons else ""


def warning(text: str) -> str:
    """A warning as the value of a ``Warning`` header (RFC 7234, section 5.5)."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'
