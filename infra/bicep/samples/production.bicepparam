// Sign-in by Entra ID, alerts, zones, events, and rights on two prepared resource groups and one DNS zone only.
using '../main.bicep'

var subscriptionId = '00000000-0000-0000-0000-000000000001'
var dns = '/subscriptions/${subscriptionId}/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com'

param environmentName = 'prod'
param location = 'eastus'
param zoneRedundant = true
param logRetentionDays = 90
param scale = {
  alwaysReady: [
    { name: 'http', instanceCount: 1 }
    { name: 'durable', instanceCount: 2 }
  ]
  maximumInstanceCount: 100
  instanceMemoryMB: 2048
  httpConcurrency: 16
}
param vaultWriterPrincipalId = '00000000-0000-0000-0000-0000000000aa'
param vaultWriterPrincipalType = 'Group'
param entra = {
  clientId: '00000000-0000-0000-0000-0000000000bb'
  allowedGroups: ['00000000-0000-0000-0000-0000000000cc']
}
param events = true
param actionGroupEmails = ['operations@example.com']
param rights = {
  model: 'split'
  resourceGroups: ['dash-enterprise', 'dash-enterprise-test']
  dnsZoneResourceIds: [dns]
}
param tags = {
  costCenter: 'analytics'
}
