// What azd deploys; each value comes from the azd environment: `azd env set NAME VALUE`.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param vaultWriterPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param vaultWriterPrincipalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User') == 'ServicePrincipal' ? 'ServicePrincipal' : 'User'
param scale = {
  alwaysReady: [
    {
      name: 'durable'
      instanceCount: int(readEnvironmentVariable('DASH_ALWAYS_READY', '1'))
    }
  ]
}
param monitoring = bool(readEnvironmentVariable('DASH_MONITORING', 'true'))
param actionGroupEmails = filter(split(readEnvironmentVariable('DASH_ALERT_EMAILS', ''), ','), address => !empty(address))
