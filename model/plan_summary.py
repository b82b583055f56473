"""A plan as a person reads it before approving it: what will be made, where and how."""

from model.domain_names import names
from model.wire import JsonObject


def summary(plan: JsonObject) -> JsonObject:
    """What an encoded plan decides, without what only the app needs.

    Left out are the values of configuration and charts: they may be long, and a person may have
    written into them what others should not read.
    """
    group, domain, kots = plan["group"], plan["domain"], plan["application"]["kots"]
    network = plan["network"]
    return {
        "offering": plan["offering"],
        "subscriptionId": group["subscriptionId"],
        "resourceGroup": group["resourceGroup"],
        "location": group["location"],
        "tags": group["owner"]["tags"],
        "network": network
        and {key: network[key] for key in ("virtualNetwork", "addressSpace", "subnetPrefix")},
        "cluster": {"name": plan["cluster"]["name"], **plan["cluster"]["body"]},
        "components": [
            {key: each[key] for key in ("name", "version", "namespace", "chart", "after")}
            for each in plan["components"]
        ],
        "kots": {key: kots[key] for key in ("version", "channel", "appVersion", "namespace")},
        "dns": {
            "mode": domain["mode"],
            "names": list(names(domain["baseDomain"])),
            "overwrite": domain["overwrite"],
        },
        "administrator": plan["administrator"]["username"],
        "limits": {key: plan["limits"][key] for key in ("pods", "volumes", "headroom", "apply")},
        "approval": plan["approval"],
        "onFailure": plan["onFailure"],
    }
