targetScope = 'subscription'

metadata name = 'Dash Enterprise installer'
metadata description = 'Everything that a subscription needs to run the installer: its resource group with the function app, storage, vault and logs, and, where asked for, network, scheduler, events, sign-in, alerts and rights.'

import { entraType, installerSettingsType, networkType, rightsType, scaleType, schedulerType } from 'types.bicep'

@description('Required. Short name of this environment, such as `prod`: part of every resource\'s name.')
@minLength(1)
@maxLength(20)
param environmentName string

@description('Required. Region of everything made here; installations name their own.')
param location string

@description('Optional. Name of the resource group that is made for the app.')
param resourceGroupName string = 'rg-dash-installer-${environmentName}'

@description('Optional. How far and how fast the app scales.')
param scale scaleType = {}

@description('Optional. Settings that an operator may choose.')
param installerSettings installerSettingsType = {}

@description('Optional. Whether plan and storage are spread over availability zones.')
param zoneRedundant bool = false

@description('Optional. Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Optional. Gigabytes of logs a day, after which no more are taken; 0 for no limit.')
@minValue(0)
param logDailyQuotaGb int = 0

@description('Optional. Existing vault with the secrets of installations; empty to make one.')
param keyVaultResourceId string = ''

@description('Optional. Object id of who writes the secrets into the vault that is made; empty for nobody.')
param vaultWriterPrincipalId string = ''

@description('Optional. What the writer is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param vaultWriterPrincipalType string = 'User'

@description('Optional. A network for the app, with private endpoints of storage and vault. Default: none.')
param network networkType?

@description('Optional. Durable Task Scheduler as the store of the orchestrations. Default: the storage account.')
param scheduler schedulerType?

@description('Optional. Entra ID in front of the API, on top of the function key. Default: the key alone.')
param entra entraType?

@description('Optional. Whether the changes of an installation\'s state go to an Event Grid topic.')
param events bool = false

@description('Optional. Whether a workbook and alerts are made.')
param monitoring bool = true

@description('Optional. Addresses that alerts are sent to.')
param actionGroupEmails string[] = []

@description('Optional. The app\'s rights outside its resource group. Default: none are assigned here; rights.bicep does it. Do not set this under azd: azd down deletes each resource group that its deployment touched.')
param rights rightsType?

@description('Optional. Tags of everything.')
param tags object = {}

var token = uniqueString(subscription().id, environmentName, location)
var allTags = union(tags, { 'azd-env-name': environmentName })
var taskHubName = 'DashEnterpriseInstaller'
var private = network != null
var ownVault = empty(keyVaultResourceId)
var existingEndpointSubnet = network.?endpointSubnetResourceId ?? ''
var ownNetwork = private && empty(existingEndpointSubnet)
var privateApi = network.?privateApi ?? false
var privateDnsZoneResourceGroupId = network.?privateDnsZoneResourceGroupId ?? ''

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-dash-installer-${environmentName}'
    location: location
    tags: allTags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${token}'
    location: location
    principalId: identity.outputs.principalId
    skuName: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
    publicAccess: !private
    tags: allTags
  }
}

module vault 'modules/vault.bicep' = if (ownVault) {
  name: 'vault'
  scope: group
  params: {
    name: 'kv-${token}'
    location: location
    writerPrincipalId: vaultWriterPrincipalId
    writerPrincipalType: vaultWriterPrincipalType
    publicAccess: !private
    tags: allTags
  }
}

module logs 'modules/logs.bicep' = {
  name: 'logs'
  scope: group
  params: {
    workspaceName: 'log-dash-installer-${environmentName}'
    componentName: 'appi-dash-installer-${environmentName}'
    location: location
    principalId: identity.outputs.principalId
    retentionDays: logRetentionDays
    dailyQuotaGb: logDailyQuotaGb
    tags: allTags
  }
}

module ownedNetwork 'modules/network.bicep' = if (ownNetwork) {
  name: 'network'
  scope: group
  params: {
    name: 'vnet-dash-installer-${environmentName}'
    location: location
    addressPrefix: network.?addressPrefix ?? '10.90.0.0/24'
    tags: allTags
  }
}

module privateData 'modules/private-access.bicep' = if (private) {
  name: 'private-data'
  scope: group
  params: {
    namePrefix: 'pe-dash-installer-${environmentName}'
    location: location
    subnetResourceId: ownNetwork ? ownedNetwork!.outputs.endpointSubnetResourceId : existingEndpointSubnet
    targets: union(
      { blob: storage.outputs.resourceId, queue: storage.outputs.resourceId, table: storage.outputs.resourceId },
      ownVault ? { vault: vault!.outputs.resourceId } : {}
    )
    privateDnsZoneResourceGroupId: privateDnsZoneResourceGroupId
    tags: allTags
  }
}

module durableTask 'modules/scheduler.bicep' = if (scheduler != null) {
  name: 'scheduler'
  scope: group
  params: {
    name: 'dts-${token}'
    taskHubName: taskHubName
    location: location
    principalId: identity.outputs.principalId
    scheduler: scheduler ?? {}
    tags: allTags
  }
}

module topic 'modules/events.bicep' = if (events) {
  name: 'events'
  scope: group
  params: {
    name: 'evgt-dash-installer-${token}'
    location: location
    principalId: identity.outputs.principalId
    tags: allTags
  }
}

module app 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-dash-installer-${token}'
    planName: 'plan-dash-installer-${environmentName}'
    location: location
    identityResourceId: identity.outputs.resourceId
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    packageContainerUrl: storage.outputs.packageContainerUrl
    applicationInsightsName: logs.outputs.componentName
    scale: scale
    installerSettings: installerSettings
    schedulerEndpoint: scheduler == null ? '' : durableTask!.outputs.endpoint
    taskHubName: scheduler == null ? '' : durableTask!.outputs.taskHubName
    eventsEndpoint: events ? topic!.outputs.endpoint : ''
    subnetResourceId: ownNetwork ? ownedNetwork!.outputs.integrationSubnetResourceId : (network.?integrationSubnetResourceId ?? '')
    publicAccess: !privateApi
    zoneRedundant: zoneRedundant
    tags: allTags
  }
  // A host that cannot reach its storage yet does not start.
  dependsOn: [privateData]
}

module privateAppAccess 'modules/private-access.bicep' = if (privateApi) {
  name: 'private-api'
  scope: group
  params: {
    namePrefix: 'pe-dash-installer-${environmentName}'
    location: location
    subnetResourceId: ownNetwork ? ownedNetwork!.outputs.endpointSubnetResourceId : existingEndpointSubnet
    targets: { sites: app.outputs.resourceId }
    privateDnsZoneResourceGroupId: privateDnsZoneResourceGroupId
    tags: allTags
  }
}

module authentication 'modules/authentication.bicep' = if (entra != null) {
  name: 'authentication'
  scope: group
  params: {
    appName: app.outputs.name
    entra: entra ?? { clientId: '' }
  }
}

module alerts 'modules/monitoring.bicep' = if (monitoring) {
  name: 'monitoring'
  scope: group
  params: {
    applicationInsightsId: logs.outputs.componentResourceId
    location: location
    actionGroupEmails: actionGroupEmails
    tags: allTags
  }
}

module rightsOfApp 'rights.bicep' = if (rights != null) {
  name: 'dash-installer-all-rights-${deployment().location}'
  params: {
    principalId: identity.outputs.principalId
    keyVaultResourceIds: [ownVault ? vault!.outputs.resourceId : keyVaultResourceId]
    rights: rights ?? {}
  }
}

@description('The region.')
output AZURE_LOCATION string = location

@description('The resource group of the app.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The object id of the app\'s identity: `principalId` of rights.bicep.')
output AZURE_PRINCIPAL_OBJECT_ID string = identity.outputs.principalId

@description('The client id of the app\'s identity.')
output AZURE_IDENTITY_CLIENT_ID string = identity.outputs.clientId

@description('The resource id of the vault that requests name.')
output AZURE_KEY_VAULT_RESOURCE_ID string = ownVault ? vault!.outputs.resourceId : keyVaultResourceId

@description('The name of the vault.')
output AZURE_KEY_VAULT_NAME string = last(split(ownVault ? vault!.outputs.resourceId : keyVaultResourceId, '/'))

@description('The storage account with the queue of requests.')
output AZURE_STORAGE_ACCOUNT string = storage.outputs.name

@description('The name of the function app.')
output SERVICE_INSTALLER_NAME string = app.outputs.name

@description('The URL of the API.')
output SERVICE_INSTALLER_ENDPOINT string = app.outputs.url

@description('The resource id of the Event Grid topic; empty without one.')
output AZURE_EVENT_GRID_TOPIC_ID string = events ? topic!.outputs.resourceId : ''
