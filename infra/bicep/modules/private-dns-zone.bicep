metadata name = 'Private DNS zone'
metadata description = 'One private DNS zone, linked to the network whose members resolve it.'

@description('Required. Name of the zone.')
param name string

@description('Required. Resource id of the network.')
param virtualNetworkResourceId string

@description('Optional. Tags of the zone.')
param tags object = {}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: name
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: uniqueString(virtualNetworkResourceId)
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: virtualNetworkResourceId
    }
  }
}

@description('The resource id of the zone.')
output resourceId string = zone.id
