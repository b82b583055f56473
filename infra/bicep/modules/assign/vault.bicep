metadata name = 'Roles on a vault'
metadata description = 'Assigns roles to the app on one existing Key Vault.'

import { assignmentType } from '../../types.bicep'

@description('Required. Name of the vault.')
param vaultName string

@description('Required. Object id of the app\'s identity.')
param principalId string

@description('Required. The roles.')
param assignments assignmentType[]

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in assignments: {
    scope: vault
    name: guid(vault.id, principalId, role.roleDefinitionId)
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
