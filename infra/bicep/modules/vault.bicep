metadata name = 'Key Vault'
metadata description = 'The vault with the license, the certificate and the passwords of installations. The app reads them by name at the moment of use.'

@description('Required. Name of the vault: 3 to 24 letters, digits and hyphens, unique in Azure.')
@minLength(3)
@maxLength(24)
param name string

@description('Required. Location of the vault.')
param location string

@description('Optional. Object id of the person, group or pipeline that writes the secrets; empty for nobody.')
param writerPrincipalId string = ''

@description('Optional. What the writer is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param writerPrincipalType string = 'User'

@description('Optional. Whether the vault answers on its public endpoint; roles decide who is let in.')
param publicAccess bool = true

@description('Optional. Days that a deleted vault or secret can be recovered; nobody can shorten them.')
@minValue(7)
@maxValue(90)
param retentionDays int = 90

@description('Optional. Tags of the vault.')
param tags object = {}

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: retentionDays
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource writer 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(writerPrincipalId)) {
  scope: vault
  name: guid(vault.id, writerPrincipalId, secretsOfficer)
  properties: {
    principalId: writerPrincipalId
    principalType: writerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}

@description('The resource id of the vault.')
output resourceId string = vault.id

@description('The name of the vault.')
output name string = vault.name

@description('The URI of the vault: what a request names as `secrets.vaultUri`.')
output uri string = vault.properties.vaultUri
