metadata name = 'Private endpoint'
metadata description = 'One private endpoint of one resource, and its record in a private DNS zone.'

@description('Required. Name of the endpoint.')
param name string

@description('Required. Location of the endpoint: that of its subnet.')
param location string

@description('Required. Resource id of the subnet.')
param subnetResourceId string

@description('Required. Resource id of what is reached.')
param targetResourceId string

@description('Required. Part of the target: `blob`, `queue`, `table`, `vault` or `sites`.')
@allowed(['blob', 'queue', 'table', 'vault', 'sites'])
param groupId string

@description('Required. Resource id of the private DNS zone.')
param privateDnsZoneResourceId string

@description('Optional. Tags of the endpoint.')
param tags object = {}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetResourceId
    }
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: {
          privateLinkServiceId: targetResourceId
          groupIds: [groupId]
        }
      }
    ]
  }
}

resource record 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: groupId
        properties: {
          privateDnsZoneId: privateDnsZoneResourceId
        }
      }
    ]
  }
}

@description('The resource id of the endpoint.')
output resourceId string = endpoint.id
