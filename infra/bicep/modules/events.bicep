metadata name = 'Events'
metadata description = 'An Event Grid topic that the Durable extension publishes each change of an orchestration\'s state to.'

@description('Required. Name of the topic.')
param name string

@description('Required. Location of the topic.')
param location string

@description('Required. Object id of the app\'s identity.')
param principalId string

@description('Optional. Tags of the topic.')
param tags object = {}

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/integration
var dataSender = 'd5a91429-5739-47e2-a06b-3470a27159e7'

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    disableLocalAuth: true
    inputSchema: 'EventGridSchema'
    minimumTlsVersionAllowed: '1.2'
    publicNetworkAccess: 'Enabled'
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: topic
  name: guid(topic.id, principalId, dataSender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataSender)
  }
}

@description('The resource id of the topic: what subscriptions are made on.')
output resourceId string = topic.id

@description('The endpoint that events are sent to.')
output endpoint string = topic.properties.endpoint
