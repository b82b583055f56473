metadata name = 'Roles on a subnet'
metadata description = 'Assigns roles to the app on one existing subnet.'

import { assignmentType } from '../../types.bicep'

@description('Required. Name of the network.')
param virtualNetworkName string

@description('Required. Name of the subnet.')
param subnetName string

@description('Required. Object id of the app\'s identity.')
param principalId string

@description('Required. The roles.')
param assignments assignmentType[]

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: virtualNetworkName
}

resource subnet 'Microsoft.Network/virtualNetworks/subnets@2024-05-01' existing = {
  parent: network
  name: subnetName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in assignments: {
    scope: subnet
    name: guid(subnet.id, principalId, role.roleDefinitionId)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: role.roleDefinitionId
      condition: role.?condition
      conditionVersion: empty(role.?condition ?? '') ? null : '2.0'
    }
  }
]

@description('How many roles are assigned.')
output count int = length(assignments)
