#!/bin/sh
# Gives the app its rights outside its own resource group.
# A deployment of its own: azd down deletes every resource group that azd's deployment touched, and prepared groups,
# DNS zones and vaults must stay (https://github.com/Azure/azure-dev/issues/2916).
# DASH_SKIP_RIGHTS=true leaves it to somebody who may assign roles.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
name="dash-installer-rights-$AZURE_ENV_NAME"

case "${DASH_RIGHTS_MODEL:-split}" in
  split | seedMinimum) ;;
  *)
    echo "DASH_RIGHTS_MODEL is $DASH_RIGHTS_MODEL; it may be split or seedMinimum." >&2
    exit 1
    ;;
esac

if [ "${DASH_SKIP_RIGHTS:-false}" = true ]; then
  echo "The app has no rights yet. Who may assign roles in the subscription runs, with the values of azd env get-values:"
  echo "  az deployment sub create --name $name --location $AZURE_LOCATION --parameters infra/bicep/rights.bicepparam"
  exit 0
fi

echo "Assigning the app's roles (${DASH_RIGHTS_MODEL:-split}) in ${DASH_RESOURCE_GROUPS:-the whole subscription}"
az deployment sub create \
  --name "$name" \
  --subscription "$AZURE_SUBSCRIPTION_ID" \
  --location "$AZURE_LOCATION" \
  --parameters "$root/infra/bicep/rights.bicepparam" \
  --output none
