metadata name = 'Function app'
metadata description = 'The Flex Consumption plan, the function app and its settings. The app reaches everything by its identity.'

import { installerSettingsType, scaleType } from '../types.bicep'

@description('Required. Name of the function app, unique in Azure.')
param name string

@description('Required. Name of the plan.')
param planName string

@description('Required. Location of both.')
param location string

@description('Required. Resource id of the app\'s identity.')
param identityResourceId string

@description('Required. Client id of the app\'s identity.')
param identityClientId string

@description('Required. Name of the storage account, in this resource group.')
param storageAccountName string

@description('Required. URL of the container that the app\'s package is deployed to.')
param packageContainerUrl string

@description('Required. Name of the Application Insights component, in this resource group.')
param applicationInsightsName string

@description('Optional. How far and how fast the app scales.')
param scale scaleType = {}

@description('Optional. Settings that an operator may choose.')
param installerSettings installerSettingsType = {}

@description('Optional. Endpoint of the Durable Task Scheduler; empty for the storage account.')
param schedulerEndpoint string = ''

@description('Optional. Task hub in the scheduler.')
param taskHubName string = ''

@description('Optional. Endpoint of the Event Grid topic; empty for no events.')
param eventsEndpoint string = ''

@description('Optional. Resource id of the subnet that the app leaves through; empty for none.')
param subnetResourceId string = ''

@description('Optional. Whether the API answers on its public address.')
param publicAccess bool = true

@description('Optional. Whether the availability of three zones is asked for; the region must have them.')
param zoneRedundant bool = false

@description('Optional. Tags of both.')
param tags object = {}

var identitySettings = {
  AZURE_IDENTITY: 'managed'
  AZURE_CLIENT_ID: identityClientId
  KEY_VAULT_SUFFIXES: environment().suffixes.keyvaultDns
}
var storageSettings = {
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
}
var telemetrySettings = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL: 'true'
  PYTHON_ENABLE_OPENTELEMETRY: 'true'
}
// As many threads as maxConcurrentActivityFunctions in host.json: activities are synchronous.
var workerSettings = {
  PYTHON_THREADPOOL_THREAD_COUNT: '8'
}
var chosenImage = installerSettings.?installerImage ?? ''
var chosenId = installerSettings.?installerId ?? ''
var chosenResolver = installerSettings.?publicResolver ?? ''
var chosenGovernor = installerSettings.?armGovernor ?? ''
var chosenSchedule = installerSettings.?watchdogSchedule ?? ''
var chosenGrace = string(installerSettings.?watchdogGraceSeconds ?? '')
// An empty value is the app's own default: model/settings.py.
var chosenSettings = {
  INSTALLER_IMAGE: chosenImage
  INSTALLER_ID: chosenId
  PUBLIC_RESOLVER: chosenResolver
  ARM_GOVERNOR: chosenGovernor
  WATCHDOG_SCHEDULE: chosenSchedule
  WATCHDOG_GRACE_SECONDS: chosenGrace
}
// These override host.json: https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values
var schedulerSettings = {
  DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${identityClientId}'
  AzureFunctionsJobHost__extensions__durableTask__hubName: taskHubName
  AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
  AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
}
// https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-event-publishing
var eventSettings = {
  EventGrid__topicEndpoint: eventsEndpoint
  EventGrid__credential: 'managedidentity'
  EventGrid__clientId: identityClientId
  AzureFunctionsJobHost__extensions__durableTask__notifications__eventGrid__topicEndpoint: eventsEndpoint
  AzureFunctionsJobHost__extensions__durableTask__notifications__eventGrid__keySettingName: 'EventGrid__credential'
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'installer' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityResourceId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityResourceId
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: empty(subnetResourceId) ? null : subnetResourceId
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityResourceId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        alwaysReady: scale.?alwaysReady ?? [{ name: 'durable', instanceCount: 1 }]
        maximumInstanceCount: scale.?maximumInstanceCount ?? 40
        instanceMemoryMB: scale.?instanceMemoryMB ?? 2048
        triggers: {
          http: {
            perInstanceConcurrency: scale.?httpConcurrency ?? 16
          }
        }
      }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    identitySettings,
    storageSettings,
    telemetrySettings,
    workerSettings,
    chosenSettings,
    empty(schedulerEndpoint) ? {} : schedulerSettings,
    empty(eventsEndpoint) ? {} : eventSettings
  )
}

resource ftp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource scm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

@description('The resource id of the function app.')
output resourceId string = app.id

@description('The name of the function app.')
output name string = app.name

@description('The URL of the function app.')
output url string = 'https://${app.properties.defaultHostName}'
