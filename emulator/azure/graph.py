"""Microsoft Graph, as far as the Azure CLI asks it when roles are given: who is this principal?

Source: https://learn.microsoft.com/graph/api/serviceprincipal-list
"""

import re
from collections.abc import Callable

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Answer, Call, JsonObject, Route
from emulator.azure.directory import Directory, Principal

type _Test = Callable[[Principal, str], bool]

_FILTERS: tuple[tuple[re.Pattern[str], _Test], ...] = (
    (
        re.compile(r"servicePrincipalNames/any\(\w+:\w+ eq '([^']*)'\)", re.IGNORECASE),
        lambda p, text: p.client_id.lower() == text.lower(),
    ),
    (
        re.compile(r"appId eq '([^']*)'", re.IGNORECASE),
        lambda p, text: p.client_id.lower() == text.lower(),
    ),
    (
        re.compile(r"displayName eq '([^']*)'", re.IGNORECASE),
        lambda p, text: p.name.lower() == text.lower(),
    ),
    (
        re.compile(r"startswith\(displayName, ?'([^']*)'\)", re.IGNORECASE),
        lambda p, text: p.name.lower().startswith(text.lower()),
    ),
)


class Graph:
    """Routes of service principals; there are no people and no groups in the directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        table = (
            ("GET", "/v1.0/servicePrincipals", self._list),
            ("GET", "/v1.0/servicePrincipals/{id}", self._get),
            ("POST", "/v1.0/directoryObjects/getByIds", self._by_ids),
            ("GET", "/v1.0/users", self._nobody),
            ("GET", "/v1.0/groups", self._nobody),
        )
        return [Route(method=m, template=t, handle=h) for m, t, h in table]

    async def _list(self, call: Call) -> Answer:
        asked = call.query.get("$filter", "")
        rows = [_shown(p) for p in self._directory.principals() if _matches(p, asked)]
        return Answer(body={"value": rows})

    async def _get(self, call: Call) -> Answer:
        wanted = call["id"].lower()
        for principal in self._directory.principals():
            if principal.object_id.lower() == wanted:
                return Answer(body=_shown(principal))
        raise ArmError(
            404,
            "Request_ResourceNotFound",
            f"Resource '{call['id']}' does not exist or one of its queried reference-property "
            "objects are not present.",
        )

    async def _by_ids(self, call: Call) -> Answer:
        wanted = {str(i).lower() for i in call.body.get("ids", [])}
        found = [p for p in self._directory.principals() if p.object_id.lower() in wanted]
        kind = {"@odata.type": "#microsoft.graph.servicePrincipal"}
        return Answer(body={"value": [kind | _shown(p) for p in found]})

    async def _nobody(self, _call: Call) -> Answer:
        return Answer(body={"value": []})


def _matches(principal: Principal, asked: str) -> bool:
    for term in filter(None, asked.split(" and ")):
        found = [(test, match) for form, test in _FILTERS if (match := form.fullmatch(term))]
        if not found:
            raise ArmError(
                400, "Request_UnsupportedQuery", f"Unsupported or invalid query filter '{term}'."
            )
        test, match = found[0]
        if not test(principal, match[1]):
            return False
    return True


def _shown(principal: Principal) -> JsonObject:
    return {
        "id": principal.object_id,
        "appId": principal.client_id,
        "displayName": principal.name,
        "appDisplayName": principal.name,
        "accountEnabled": True,
        "servicePrincipalNames": [principal.client_id],
        "servicePrincipalType": "Application",
    }
