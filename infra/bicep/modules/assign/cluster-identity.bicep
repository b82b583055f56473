metadata name = 'Roles on an identity'
metadata description = 'Assigns roles to the app on one existing user-assigned identity that clusters run under.'

import { assignmentType } from '../../types.bicep'

@description('Required. Name of the identity.')
param identityName string

@description('Required. Object id of the app\'s identity.')
param principalId string

@description('Required. The roles.')
param assignments assignmentType[]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in assignments: {
    scope: identity
    name: guid(identity.id, principalId, role.roleDefinitionId)
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
