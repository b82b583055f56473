metadata name = 'Network'
metadata description = 'A virtual network with one subnet that the function app leaves through and one for private endpoints.'

@description('Required. Name of the network.')
param name string

@description('Required. Location of the network.')
param location string

@description('Optional. Address space, at least a /24; the app takes its first /26, the private endpoints its second.')
param addressPrefix string = '10.90.0.0/24'

@description('Optional. Tags of the network.')
param tags object = {}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressPrefix]
    }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }
}

@description('The resource id of the network.')
output resourceId string = network.id

@description('The resource id of the subnet that the app leaves through.')
output integrationSubnetResourceId string = '${network.id}/subnets/functions'

@description('The resource id of the subnet for private endpoints.')
output endpointSubnetResourceId string = '${network.id}/subnets/endpoints'
