metadata name = 'Private access'
metadata description = 'Private endpoints of the resources that the app uses, with the DNS zones that make their names resolve.'

@description('Required. Start of the endpoints\' names.')
param namePrefix string

@description('Required. Location of the endpoints.')
param location string

@description('Required. Resource id of the subnet for the endpoints.')
param subnetResourceId string

@description('Required. Resource id of the storage account, the vault or the function app, by the part of it: `blob`, `queue`, `table`, `vault`, `sites`.')
param targets object

@description('Optional. Resource group with existing private DNS zones; empty to make them.')
param privateDnsZoneResourceGroupId string = ''

@description('Optional. Tags of all.')
param tags object = {}

// https://learn.microsoft.com/azure/private-link/private-endpoint-dns
var zoneNames = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  vault: 'privatelink.vaultcore.azure.net'
  sites: 'privatelink.azurewebsites.net'
}
var ownZones = empty(privateDnsZoneResourceGroupId)
var zoneGroupId = ownZones ? resourceGroup().id : privateDnsZoneResourceGroupId
var virtualNetworkResourceId = split(subnetResourceId, '/subnets/')[0]

module zone 'private-dns-zone.bicep' = [
  for target in items(ownZones ? targets : {}): {
    name: 'private-zone-${target.key}'
    params: {
      name: zoneNames[target.key]
      virtualNetworkResourceId: virtualNetworkResourceId
      tags: tags
    }
  }
]

module endpoint 'private-endpoint.bicep' = [
  for target in items(targets): {
    name: 'private-endpoint-${target.key}'
    params: {
      name: '${namePrefix}-${target.key}'
      location: location
      subnetResourceId: subnetResourceId
      targetResourceId: target.value
      groupId: target.key
      privateDnsZoneResourceId: '${zoneGroupId}/providers/Microsoft.Network/privateDnsZones/${zoneNames[target.key]}'
      tags: tags
    }
    dependsOn: [zone]
  }
]

@description('How many endpoints there are.')
output count int = length(items(targets))
