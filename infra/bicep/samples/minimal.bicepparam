// The least that runs: made vault, public endpoints behind Entra ID roles, rights on the whole subscription.
using '../main.bicep'

param environmentName = 'trial'
param location = 'eastus'
param vaultWriterPrincipalId = readEnvironmentVariable('WRITER_OBJECT_ID', '')
param scale = {
  alwaysReady: []
}
param monitoring = false
param rights = {}
