#!/bin/sh
# Says what azd down left in the subscription, with the commands that remove it. Deletes nothing.
set -eu

cat <<EOF
The installer is gone. Left in subscription $AZURE_SUBSCRIPTION_ID:
  - every installation, with its clusters, networks and DNS records
  - the vault ${AZURE_KEY_VAULT_NAME:-}, deleted but recoverable: purge protection keeps it to the end of its retention.
    The same environment comes back only after: az keyvault recover --name ${AZURE_KEY_VAULT_NAME:-NAME}
  - the custom roles, for other environments may use them; when none does:
    az role definition list --custom-role-only true --query "[?starts_with(roleName, 'Dash Enterprise Installer')].name" --output tsv
    az role definition delete --name ID
  - role assignments of the deleted identity, which grant nobody anything:
    az role assignment list --all --query "[?principalId=='${AZURE_PRINCIPAL_OBJECT_ID:-ID}'].id" --output tsv
    az role assignment delete --ids IDS
EOF
