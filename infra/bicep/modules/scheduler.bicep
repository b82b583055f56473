metadata name = 'Durable Task Scheduler'
metadata description = 'A managed store of the orchestrations with a dashboard, and the task hub of this app in it.'

import { schedulerType } from '../types.bicep'

@description('Required. Name of the scheduler.')
param name string

@description('Required. Name of the task hub.')
param taskHubName string

@description('Required. Location of the scheduler.')
param location string

@description('Required. Object id of the app\'s identity.')
param principalId string

@description('Required. How large the scheduler is, who reaches it, and how long it remembers.')
param scheduler schedulerType

@description('Optional. Tags of the scheduler.')
param tags object = {}

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/integration
var dataContributor = '0ad04412-c4d5-4796-b79c-f76d14c8d402'
var skuName = scheduler.?skuName ?? 'Consumption'
var dedicated = {
  name: skuName
  capacity: scheduler.?capacity ?? 1
}

resource store 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    ipAllowlist: scheduler.?ipAllowlist ?? ['0.0.0.0/0']
    sku: skuName == 'Dedicated' ? dedicated : { name: skuName }
  }
}

resource taskHub 'Microsoft.DurableTask/schedulers/taskHubs@2026-02-01' = {
  parent: store
  name: taskHubName
}

resource retention 'Microsoft.DurableTask/schedulers/retentionPolicies@2026-02-01' = {
  parent: store
  name: 'default'
  properties: {
    retentionPolicies: [
      {
        retentionPeriodInDays: scheduler.?retentionDays ?? 30
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: taskHub
  name: guid(taskHub.id, principalId, dataContributor)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataContributor)
  }
}

@description('The endpoint of the scheduler.')
output endpoint string = store.properties.endpoint

@description('The name of the task hub.')
output taskHubName string = taskHub.name
