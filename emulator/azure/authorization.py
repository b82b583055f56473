"""Microsoft.Authorization: permissions, role assignments, role definitions."""

import re

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Answer, Call, JsonObject, Route, member, rows
from emulator.azure.rbac import OWNER, Assignment, Rbac, Role
from emulator.azure.state import State

_API = "Microsoft.Authorization"
_ASSIGNMENTS = "{scope}/providers/Microsoft.Authorization/roleAssignments"
_DEFINITIONS = "{scope}/providers/Microsoft.Authorization/roleDefinitions"
_GROUP = re.compile(r"/subscriptions/([^/]+)/resourceGroups/([^/]+)", re.IGNORECASE)
_TERM = re.compile(r"(\w+)(?:\(\)|\s+eq\s+'([^']*)')|(assignedTo)\('([^']*)'\)", re.IGNORECASE)


class Authorization:
    """Routes of rights. What is written here counts once ``Azure.rbac`` is on."""

    def __init__(self, state: State, store: Rbac) -> None:
        self._state = state
        self.store = store
        """Assignments and definitions; replaced when a test turns RBAC on."""
        self.enforced = False
        state.resources.gone.append(self._forget)

    def _forget(self, scope: str) -> None:
        """Assignments go with their scope."""
        gone = Assignment(principal_id="", role=OWNER, scope=scope)
        self.store.assignments = [a for a in self.store.assignments if not gone.covers(a.scope)]

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        table = (
            (
                "GET",
                "{scope}/providers/Microsoft.Authorization/permissions",
                self._permissions,
                "permissions/read",
            ),
            ("GET", _ASSIGNMENTS, self._list_assignments, "roleAssignments/read"),
            ("PUT", f"{_ASSIGNMENTS}/{{name}}", self._assign, "roleAssignments/write"),
            ("GET", f"{_ASSIGNMENTS}/{{name}}", self._get_assignment, "roleAssignments/read"),
            ("DELETE", f"{_ASSIGNMENTS}/{{name}}", self._unassign, "roleAssignments/delete"),
            ("GET", _DEFINITIONS, self._list_definitions, "roleDefinitions/read"),
            ("PUT", f"{_DEFINITIONS}/{{name}}", self._define, "roleDefinitions/write"),
            ("GET", f"{_DEFINITIONS}/{{name}}", self._get_definition, "roleDefinitions/read"),
            ("DELETE", f"{_DEFINITIONS}/{{name}}", self._undefine, "roleDefinitions/delete"),
        )
        return [
            Route(method=m, template=t, handle=h, action=f"{_API}/{action}", api=_API)
            for m, t, h, action in table
        ]

    async def _permissions(self, call: Call) -> Answer:
        if not self.enforced:
            return Answer(body={"value": [_permission(OWNER)]})
        roles = self.store.roles_of(call.caller.object_id, call["scope"])
        return Answer(body={"value": [_permission(role) for role in roles]})

    # Assignments

    async def _list_assignments(self, call: Call) -> Answer:
        text = call.query.get("$filter", "")
        terms = {(a or c).lower(): b or d for a, b, c, d in _TERM.findall(text)}
        principal = terms.get("principalid") or terms.get("assignedto")
        scope = call["scope"].rstrip("/").lower()
        rows = [
            _assignment(a, call["scope"])
            for a in self.store.assignments
            if (not principal or a.principal_id.lower() == principal.lower())
            and (
                a.scope.rstrip("/").lower() == scope
                if "atscope" in terms and "assignedto" not in terms
                else a.covers(call["scope"]) or a.scope.lower().startswith(f"{scope}/")
            )
        ]
        return Answer(body={"value": rows})

    async def _assign(self, call: Call) -> Answer:
        properties: JsonObject = member(call.body, "properties")
        principal = properties.get("principalId")
        role_id = str(properties.get("roleDefinitionId", "")).rpartition("/")[2]
        if not principal or not role_id:
            raise ArmError(
                400,
                "InvalidRequestContent",
                "The request content was invalid: principalId and roleDefinitionId are required.",
            )
        role = self.store.roles.get(role_id.lower())
        if role is None:
            raise ArmError(
                404,
                "RoleDefinitionDoesNotExist",
                f"The specified role definition with ID '{role_id}' does not exist.",
            )
        scope = call["scope"]
        if found := _GROUP.match(scope):
            self._state.resources.group(found[1], found[2])
        same = [
            a
            for a in self.store.assignments
            if a.principal_id.lower() == principal.lower()
            and a.role.role_id == role.role_id
            and a.scope.rstrip("/").lower() == scope.rstrip("/").lower()
        ]
        if same and same[0].assignment_id.lower() != call["name"].lower():
            raise ArmError(
                409,
                "RoleAssignmentExists",
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{same[0].assignment_id.replace('-', '')}.",
            )
        if same:
            return Answer(body=_assignment(same[0], scope))
        if any(a.assignment_id.lower() == call["name"].lower() for a in self.store.assignments):
            raise ArmError(
                409,
                "RoleAssignmentUpdateNotPermitted",
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
            )
        made = Assignment(
            principal_id=principal, role=role, scope=scope, assignment_id=call["name"]
        )
        self.store.assignments.append(made)
        return Answer(status=201, body=_assignment(made, scope))

    def _find(self, call: Call) -> Assignment | None:
        wanted = call["name"].lower()
        found = (a for a in self.store.assignments if a.assignment_id.lower() == wanted)
        return next(found, None)

    async def _get_assignment(self, call: Call) -> Answer:
        found = self._find(call)
        if found is None:
            raise ArmError(
                404,
                "RoleAssignmentNotFound",
                f"The role assignment '{call['name']}' is not found.",
            )
        return Answer(body=_assignment(found, call["scope"]))

    async def _unassign(self, call: Call) -> Answer:
        found = self._find(call)
        if found is None:
            return Answer(status=204)
        self.store.assignments.remove(found)
        return Answer(body=_assignment(found, call["scope"]))

    # Definitions

    async def _list_definitions(self, call: Call) -> Answer:
        terms = {a.lower(): b for a, b, _, _ in _TERM.findall(call.query.get("$filter", ""))}
        name = terms.get("rolename")
        rows = [
            _definition(r, call["scope"])
            for r in self.store.roles.values()
            if not name or r.name.lower() == name.lower()
        ]
        return Answer(body={"value": rows})

    async def _define(self, call: Call) -> Answer:
        properties: JsonObject = member(call.body, "properties")
        name, permissions = properties.get("roleName"), rows(properties, "permissions")
        if not name or not permissions or not properties.get("assignableScopes"):
            raise ArmError(
                400,
                "RoleDefinitionPropertiesMissing",
                "roleName, permissions and assignableScopes are required.",
            )
        taken = [r for r in self.store.roles.values() if r.name.lower() == name.lower()]
        if taken and taken[0].role_id != call["name"].lower():
            raise ArmError(
                409,
                "RoleDefinitionWithSameNameExists",
                f"A custom role with the same name already exists in this directory: '{name}'.",
            )
        role = Role(
            name=name,
            role_id=call["name"].lower(),
            actions=_all(permissions, "actions"),
            not_actions=_all(permissions, "notActions"),
            data_actions=_all(permissions, "dataActions"),
            not_data_actions=_all(permissions, "notDataActions"),
        )
        self.store.roles[role.role_id] = role
        self.store.assignments = [
            a
            if a.role.role_id != role.role_id
            else Assignment(
                principal_id=a.principal_id,
                role=role,
                scope=a.scope,
                assignment_id=a.assignment_id,
            )
            for a in self.store.assignments
        ]
        return Answer(status=201, body=_definition(role, call["scope"]))

    async def _get_definition(self, call: Call) -> Answer:
        role = self.store.roles.get(call["name"].lower())
        if role is None:
            raise ArmError(
                404,
                "RoleDefinitionDoesNotExist",
                f"The specified role definition with ID '{call['name']}' does not exist.",
            )
        return Answer(body=_definition(role, call["scope"]))

    async def _undefine(self, call: Call) -> Answer:
        role = self.store.roles.get(call["name"].lower())
        if role is None:
            return Answer(status=204)
        if any(a.role.role_id == role.role_id for a in self.store.assignments):
            raise ArmError(
                400,
                "RoleDefinitionHasAssignments",
                "There are existing role assignments referencing role.",
            )
        del self.store.roles[role.role_id]
        return Answer(body=_definition(role, call["scope"]))


def _all(permissions: list[JsonObject], member: str) -> tuple[str, ...]:
    lists: list[list[str]] = [p.get(member) or [] for p in permissions]
    return tuple(action for actions in lists for action in actions)


def _permission(role: Role) -> JsonObject:
    return {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": list(role.not_data_actions),
    }


def _definition(role: Role, scope: str) -> JsonObject:
    path = f"/providers/Microsoft.Authorization/roleDefinitions/{role.role_id}"
    subscription = "/".join(scope.split("/")[:3])
    return {
        "id": f"{subscription}{path}",
        "name": role.role_id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole" if role.built_in else "CustomRole",
            "description": "",
            "assignableScopes": ["/"] if role.built_in else [subscription],
            "permissions": [_permission(role)],
        },
    }


def _assignment(assignment: Assignment, scope: str) -> JsonObject:
    own = assignment.scope.rstrip("/")
    subscription = "/".join((own or scope).split("/")[:3])
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{assignment.role.role_id}"
    path = f"/providers/Microsoft.Authorization/roleAssignments/{assignment.assignment_id}"
    return {
        "id": f"{own}{path}",
        "name": assignment.assignment_id,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"{subscription}{definition}",
            "principalId": assignment.principal_id,
            "principalType": "ServicePrincipal",
            "scope": own or "/",
        },
    }
