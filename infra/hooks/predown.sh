#!/bin/sh
# Says what azd down deletes and which installations stay. Deletes nothing.
set -eu

echo "azd down deletes the installer: resource group ${AZURE_RESOURCE_GROUP:-(not deployed)}. It does not touch installations."
echo "An installation that is running stops where it is. To resume it, post it again to an installer of the same name,"
echo "or to one whose INSTALLER_ID is ${SERVICE_INSTALLER_NAME:-that name}."
echo "Clusters of this installer, which stay and cost as before:"
az aks list --subscription "$AZURE_SUBSCRIPTION_ID" \
  --query "[?tags.\"dash-enterprise-installation\" != null].[name, resourceGroup, location]" --output tsv | sed 's/^/  /'
echo "To remove one that is still running, before azd down: POST /api/installations/NAME/cancel with {\"clean\": true}."
echo "To remove a finished one: az group delete --name GROUP, then its seven DNS records. What the installer made"
echo "carries the tag dash-enterprise-installer."
