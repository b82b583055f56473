"""Stage ``ensure_limits``: pod and volume limits that fit the cluster are applied."""

from activities._product import connect_keycloak
from gateways import Gateways
from gateways.graphql import GraphQl
from model.domain_names import host
from model.errors import Refusal
from model.manifests import limits_quota
from model.plan import LimitsSpec
from model.results import Limits
from model.sizing import automatic_limit


def ensure_limits(gateways: Gateways, spec: LimitsSpec) -> Limits:
    """Compute the limits from the live nodes and apply them as the request says.

    A ResourceQuota is applied server-side and a GraphQL mutation is run again on a repeat: both
    end in the same state. With a gate, the answer carries the instructions for a person.

    Raises:
        Refusal: The GraphQL API lacks the mutation or refused it; the administrator cannot get
            a token.
        Busy: Keycloak or the API is not there yet.
    """
    kubernetes = gateways.kubernetes(spec.target)
    capacity = kubernetes.capacity()
    pods = spec.pods or automatic_limit(capacity.pods, spec.headroom)
    volumes = spec.volumes or automatic_limit(capacity.volumes, spec.headroom)
    if "quota" in spec.apply:
        kubernetes.apply(limits_quota(spec.namespace, pods, volumes))
    if "graphql" in spec.apply:
        _run_document(gateways, spec, pods, volumes)
    return Limits(
        pods=pods,
        volumes=volumes,
        baseline_pods=spec.baseline_pods,
        applied=tuple(way for way in spec.apply if way != "gate"),
        instructions=_instructions(spec, pods, volumes) if "gate" in spec.apply else "",
    )


def _run_document(gateways: Gateways, spec: LimitsSpec, pods: int, volumes: int) -> None:
    password = gateways.key_vault(spec.secrets.vault_uri).get(spec.secrets.administrator_password)
    keycloak = connect_keycloak(
        gateways, spec.target, spec.base_domain, spec.address, spec.identity
    )
    document = spec.document or ""
    try:
        login = keycloak.verify_login(spec.administrator, password)
        if not login.verified:
            raise Refusal(
                "limits-refused",
                f"{spec.administrator} gets no token for the GraphQL API: {login.status}",
                "Allow direct grants for the client, or choose limits.apply: gate.",
            )
        endpoint = gateways.endpoint(host("api", spec.base_domain), spec.address)
        api = GraphQl(endpoint, token=login.token)
        api.check_mutation(document)
        api.run(document, {"pods": pods, "volumes": volumes})
    finally:
        keycloak.logout()  # ends the token's session too, so not before the document ran


def _instructions(spec: LimitsSpec, pods: int, volumes: int) -> str:
    return (
        f"Open https://{spec.base_domain}, App Manager, Admin, Settings, System Limits; type"
        f" pods {pods} (the core runs {spec.baseline_pods}) and volumes {volumes};"
        " then raise the event limits-set."
    )
