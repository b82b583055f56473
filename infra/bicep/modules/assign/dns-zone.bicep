metadata name = 'Roles on a DNS zone'
metadata description = 'Assigns roles to the app on one existing public DNS zone.'

import { assignmentType } from '../../types.bicep'

@description('Required. Name of the zone.')
param zoneName string

@description('Required. Object id of the app\'s identity.')
param principalId string

@description('Required. The roles.')
param assignments assignmentType[]

resource zone 'Microsoft.Network/dnsZones@2018-05-01' existing = {
  name: zoneName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in assignments: {
    scope: zone
    name: guid(zone.id, principalId, role.roleDefinitionId)
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
