metadata name = 'Identity'
metadata description = 'The user-assigned identity that the function app runs under; it outlives the app, and so do its rights.'

@description('Required. Name of the identity.')
param name string

@description('Required. Location of the identity.')
param location string

@description('Optional. Tags of the identity.')
param tags object = {}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('The resource id of the identity.')
output resourceId string = identity.id

@description('The object id of the identity: what roles are assigned to.')
output principalId string = identity.properties.principalId

@description('The client id of the identity: what the app asks tokens with.')
output clientId string = identity.properties.clientId
