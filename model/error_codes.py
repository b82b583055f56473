"""The closed list of error codes: what each means, whether a repeat can help, what to do.

``docs/errors.md`` shows the same list; a test keeps the two equal. A code is forever: people
search for it and histories record it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One kind of no.

    Attributes:
        meaning: What happened, in one sentence.
        remedy: What a person can do about it, in general.
        retryable: Whether posting the same request again can help without any change.
    """

    meaning: str
    remedy: str
    retryable: bool = False


FAULT: Final = "stage-failed"
"""Code of a fault: a stage's own when no try is left, and the run's when nobody could tell more."""

CODES: dict[str, ErrorCode] = {
    # the request
    "request-invalid": ErrorCode(
        "The request does not follow its schema or its rules.",
        "Mend every error named in the answer and post again.",
    ),
    # the end of patience and people's decisions
    "deadline-exceeded": ErrorCode(
        "A stage waited longer than its budget.",
        "Look at what it waited for; mend that, then post the same request again: it resumes.",
        retryable=True,
    ),
    "cancelled": ErrorCode(
        "A person cancelled the installation.", "Post the same request again to resume."
    ),
    "approval-rejected": ErrorCode(
        "The plan was rejected.", "Change the request as the approver asks and post again."
    ),
    "approval-expired": ErrorCode(
        "Nobody approved the plan in time.", "Post the same request again and approve it."
    ),
    FAULT: ErrorCode(
        "A stage met the same fault at every attempt.",
        "Read the reason; once its cause is gone, post the same request again: it resumes.",
        retryable=True,
    ),
    # the application and what it needs
    "component-failed": ErrorCode(
        "A supporting component could not be installed.",
        "Read the reason; correct chart, version or values, then post again.",
        retryable=True,
    ),
    "application-failed": ErrorCode(
        "The Jobs that install the application ended without success.",
        "Read what KOTS waited for; mend that, then post the same request again: it resumes.",
        retryable=True,
    ),
    # Azure
    "azure-refused": ErrorCode(
        "Azure refused what was asked for.",
        "Read Azure's own code and message in the reason; correct the request.",
    ),
    "azure-failed": ErrorCode(
        "Azure began an operation and could not finish it.",
        "Post the same request again: the failed resource is repaired.",
        retryable=True,
    ),
    "egress-blocked": ErrorCode(
        "The nodes cannot reach what they need outside, or their own API server.",
        "Open the egress that check_egress lists and AKS's own, then post the same request again.",
        retryable=True,
    ),
    "azure-policy": ErrorCode(
        "A policy of the subscription forbids a resource.",
        "Add what the policy asks for (often tags) to the request, or ask for an exemption.",
    ),
    "identity-unusable": ErrorCode(
        "The app's own identity, as its settings choose it, cannot be used.",
        "Correct the AZURE_ settings of the function app that the reason names.",
    ),
    "permission-missing": ErrorCode(
        "The app lacks a right that the plan needs.",
        "Assign a role with the named action at the named scope to the app's identity.",
    ),
    "provider-unregistered": ErrorCode(
        "A resource provider is not registered in the subscription.",
        "Register it: az provider register --namespace NAMESPACE",
    ),
    "quota-insufficient": ErrorCode(
        "The quota does not suffice for the nodes and the two spare ones.",
        "Ask for more quota of the named family, and of total regional vCPUs, in this region.",
    ),
    "vm-size-unavailable": ErrorCode(
        "The VM size is not available here.",
        "Choose another size or region, or ask Microsoft to lift the restriction.",
    ),
    "zone-unavailable": ErrorCode(
        "The availability zone is not available for this size and subscription.",
        "Choose another zone, or null in a region without zones.",
    ),
    "kubernetes-version-unavailable": ErrorCode(
        "The region does not offer the Kubernetes version.",
        "Choose one that az aks get-versions lists.",
    ),
    "resource-group-foreign": ErrorCode(
        "The resource group belongs to another installation.", "Choose another resource group."
    ),
    "network-foreign": ErrorCode(
        "A virtual network of our name exists and is not ours.",
        "Rename the cluster, remove the network, or give subnetId.",
    ),
    "network-unsuitable": ErrorCode(
        "The network cannot hold the cluster.",
        "Use a larger or another subnet, or overlay networking.",
    ),
    "cluster-foreign": ErrorCode(
        "A cluster of that name exists and is not ours.",
        "Choose another cluster name or resource group; a cluster is never adopted silently.",
    ),
    "cluster-differs": ErrorCode(
        "Our cluster exists and is not what the request asks for.",
        "Post the request that made it, or delete the cluster and post again.",
    ),
    "cluster-missing": ErrorCode(
        "The cluster does not exist (any more).",
        "Post the same request again: it is created anew.",
        retryable=True,
    ),
    # DNS
    "dns-zone-missing": ErrorCode(
        "No DNS zone holds one of the seven names.",
        "Create or delegate the zone, give its zoneId, or choose dns.mode manual.",
    ),
    "dns-zone-ambiguous": ErrorCode(
        "Several DNS zones of the same name exist.", "Give domain.dns.zoneId."
    ),
    "dns-record-foreign": ErrorCode(
        "A DNS record of one of the seven names is not ours.",
        "Remove the record, or set domain.dns.overwrite to true.",
    ),
    # secrets, license, certificate
    "vault-not-allowed": ErrorCode(
        "The vault's host has none of the suffixes that this app may send its token to.",
        "Use a vault of this cloud, or add its suffix to KEY_VAULT_SUFFIXES.",
    ),
    "secret-missing": ErrorCode(
        "A Key Vault secret that the request names does not exist or is empty.",
        "Create it: az keyvault secret set --vault-name VAULT --name NAME --file FILE",
    ),
    "secret-forbidden": ErrorCode(
        "The app may not read a secret, or the secret is disabled.",
        "Give the app's identity the role Key Vault Secrets User on the vault; enable the secret.",
    ),
    "secret-unusable": ErrorCode(
        "A secret's value cannot be used for its purpose.",
        "Store a value that fits what the finding says.",
    ),
    "license-invalid": ErrorCode(
        "The license secret holds no usable license.",
        "Store the license file as Plotly sent it, unchanged, as the secret's value.",
    ),
    "license-expired": ErrorCode(
        "The license has expired.", "Ask Plotly for a renewed license and store it."
    ),
    "license-channel-missing": ErrorCode(
        "The license does not have the release channel.",
        "Set kots.channel to a channel of the license, or ask Plotly for the channel.",
    ),
    "certificate-invalid": ErrorCode(
        "The certificate or its key cannot be read.",
        "Store the chain as PEM: server, intermediate, root; and the key as PEM.",
    ),
    "certificate-order": ErrorCode(
        "The certificates of the chain are not in order.",
        "Order the PEM blocks: server first, then each issuer after the one it issued.",
    ),
    "certificate-key-mismatch": ErrorCode(
        "The private key is not that of the server certificate.",
        "Store the key that the certificate was requested with.",
    ),
    "certificate-key-encrypted": ErrorCode(
        "The private key is encrypted.", "Store the key without a passphrase: openssl pkey -in KEY"
    ),
    "certificate-self-signed": ErrorCode(
        "The server certificate is self-signed, which Dash Enterprise 5 refuses.",
        "Use a certificate of a public certificate authority.",
    ),
    "certificate-untrusted": ErrorCode(
        "The chain does not lead to a trusted root.",
        "Use a certificate of a public certificate authority and store its whole chain.",
    ),
    "certificate-names-missing": ErrorCode(
        "The certificate does not cover all seven names.",
        "Request one with seven subject alternative names, or a wildcard of the parent domain.",
    ),
    "certificate-expiring": ErrorCode(
        "The certificate is expired, not yet valid, or ends too soon.",
        "Renew the certificate and store the new chain.",
    ),
    # identity provider
    "keycloak-email-taken": ErrorCode(
        "Another Keycloak user has the administrator's e-mail address.",
        "Choose another address, or remove it from the other user.",
    ),
    "keycloak-credentials-refused": ErrorCode(
        "Keycloak refused the administrator password stored in the cluster.",
        "Put the true password into the Secret that the request names.",
    ),
    "keycloak-realm-missing": ErrorCode(
        "The product's realm does not exist.", "Check the realm's name in the request."
    ),
    "keycloak-client-missing": ErrorCode(
        "The client that owns the roles does not exist.", "Check the client's name in the request."
    ),
    "keycloak-role-missing": ErrorCode(
        "A role of the administrator does not exist.",
        "Check the installed version: the client should have this role.",
    ),
    "administrator-login-refused": ErrorCode(
        "The administrator exists and cannot log in.",
        "Look at the user in Keycloak: required actions, disabled, or another password policy.",
    ),
    # limits
    "limits-mutation-missing": ErrorCode(
        "The product's GraphQL API has no such operation.",
        "Correct the document, or use the gate and type the limits in.",
    ),
    "limits-refused": ErrorCode(
        "The product's GraphQL API refused the limits.",
        "Read the reason, correct the document or the numbers.",
    ),
    # the cluster's Kubernetes API
    "kubernetes-forbidden": ErrorCode(
        "The Kubernetes API forbids the installer something that it must do.",
        "Give the cluster's user credential the right that the reason names, then post again.",
    ),
    "kubernetes-refused": ErrorCode(
        "The Kubernetes API refuses an object of the installer.",
        "Read the reason: a policy, a quota or an admission webhook of the cluster says no.",
    ),
    "kubernetes-conflict": ErrorCode(
        "An object in the cluster has the name of one of ours and belongs to somebody else.",
        "Remove or rename the object that the reason names, then post again.",
    ),
    "kubernetes-login-unsupported": ErrorCode(
        "The cluster's user credential holds neither a token nor a client certificate.",
        "Keep local accounts enabled on the cluster: a login through a program or a browser "
        "cannot be done by an app.",
    ),
    "config-values-invalid": ErrorCode(
        "The ConfigValues template is not sound.",
        "Correct every item that the reason names, then post again.",
    ),
    # what the Jobs in the cluster say
    "kots-input-missing": ErrorCode(
        "The Job lacks the license, the ConfigValues or the password that it needs.",
        "Check that the Key Vault secrets of the request are not empty, then post again.",
    ),
    "kots-config-required": ErrorCode(
        "The application has required configuration items that are not set.",
        "Add the items that the reason names to the ConfigValues template, then post again.",
    ),
    "kots-config-refused": ErrorCode(
        "KOTS does not take the ConfigValues.",
        "Correct the items that the reason names in the ConfigValues template, then post again.",
    ),
    "kots-preflight-refused": ErrorCode(
        "A KOTS preflight check of the application failed or warned.",
        "Mend what the check found, or list a warning's title in allowedPreflightWarnings.",
    ),
    "kots-deploy-failed": ErrorCode(
        "KOTS could not deploy the application's version.",
        "Look at the version's deploy log in the Admin Console, mend its cause, then post again.",
    ),
    "kots-refused": ErrorCode(
        "KOTS refused to install the application.",
        "Read the reason, which is in KOTS's own words; mend it, then post again.",
    ),
    "component-refused": ErrorCode(
        "helm or kubectl refused to install a supporting component.",
        "Read the reason; correct chart, version or values, then post again.",
    ),
}
