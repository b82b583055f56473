targetScope = 'subscription'

metadata name = 'Roles on the subscription'
metadata description = 'Assigns roles to the app on the whole subscription.'

import { assignmentType } from '../../types.bicep'

@description('Required. Object id of the app\'s identity.')
param principalId string

@description('Required. The roles.')
param assignments assignmentType[]

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in assignments: {
    name: guid(subscription().id, principalId, role.roleDefinitionId)
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
