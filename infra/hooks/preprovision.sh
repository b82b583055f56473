#!/bin/sh
# Registers the resource providers that the app and its installations need; a registered one is left alone.
set -eu

command -v az >/dev/null || {
  echo "The hooks use the Azure CLI: https://learn.microsoft.com/cli/azure/install-azure-cli" >&2
  exit 1
}

# Microsoft.App owns the subnets of Flex Consumption; the last three are what installations are made of.
for provider in \
  Microsoft.App Microsoft.Web Microsoft.Storage Microsoft.KeyVault Microsoft.ManagedIdentity \
  Microsoft.Insights Microsoft.OperationalInsights Microsoft.EventGrid Microsoft.DurableTask \
  Microsoft.ContainerService Microsoft.Network Microsoft.Compute; do
  state=$(az provider show --namespace "$provider" --subscription "$AZURE_SUBSCRIPTION_ID" --query registrationState --output tsv)
  if [ "$state" != Registered ]; then
    echo "Registering $provider"
    az provider register --namespace "$provider" --subscription "$AZURE_SUBSCRIPTION_ID" --wait --output none
  fi
done
