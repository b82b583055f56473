targetScope = 'subscription'

metadata name = 'Rights of the Dash Enterprise installer'
metadata description = 'The published custom roles and their assignments: what the app may do outside its own resource group, each role where its steps need it.'

import { rightsType } from 'types.bicep'

@description('Required. Object id of the app\'s identity: the output `AZURE_PRINCIPAL_OBJECT_ID` of main.bicep.')
param principalId string

@description('Required. Vaults that requests may name: resource ids, in any resource group of the subscription.')
param keyVaultResourceIds string[]

@description('Optional. What the app may do and where.')
param rights rightsType = {}

@description('Optional. End of the roles\' display names, for a second subscription of the tenant, where they must differ.')
param roleNameSuffix string = ''

var splitModel = (rights.?model ?? 'split') == 'split'
var groupNames = rights.?resourceGroups ?? []
var subnetResourceIds = rights.?subnetResourceIds ?? []
var addressGroupNames = rights.?outboundAddressResourceGroups ?? []
var clusterIdentityResourceIds = rights.?clusterIdentityResourceIds ?? []
var dnsZoneResourceIds = rights.?dnsZoneResourceIds ?? []
var ownNetworks = rights.?ownNetworks ?? true
var systemAssignedClusters = rights.?systemAssignedClusters ?? true
var searchDnsZones = rights.?searchDnsZones ?? false

// Who may assign roles may give itself every right, unless a condition says which role and to whom:
// https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
var grantCondition = trim(loadTextContent('conditions/grant-network-contributor-only.txt'))

var roleIds = definitions.outputs.resourceIds
var checks = [{ roleDefinitionId: roleIds.checks }]
var dnsSearch = [{ roleDefinitionId: roleIds['dns-search'] }]
var subnetGrant = [{ roleDefinitionId: roleIds['subnet-grant'], condition: grantCondition }]
var minimum = [{ roleDefinitionId: roleIds['seed-minimum'] }]
var cluster = [
  { roleDefinitionId: roleIds['resource-group'] }
  { roleDefinitionId: roleIds.cluster }
  { roleDefinitionId: roleIds['cluster-access'] }
]
var network = [{ roleDefinitionId: roleIds.network }]

var ownSubnetGrant = ownNetworks && systemAssignedClusters ? subnetGrant : []
var splitGroupRoles = concat(cluster, ownNetworks ? network : [], ownSubnetGrant)
var groupRoles = splitModel ? splitGroupRoles : minimum
var subscriptionRoles = concat(
  splitModel ? checks : [],
  searchDnsZones ? dnsSearch : [],
  empty(groupNames) ? groupRoles : []
)
var subnetRoles = concat([{ roleDefinitionId: roleIds.subnet }], systemAssignedClusters ? subnetGrant : [])

// A deployment at the subscription's scope keeps its region for ever: another region, another name.
module definitions 'modules/role-definitions.bicep' = {
  name: 'dash-installer-role-definitions-${deployment().location}'
  params: {
    nameSuffix: roleNameSuffix
  }
}

module onSubscription 'modules/assign/subscription.bicep' = {
  name: 'dash-installer-rights-${deployment().location}'
  params: {
    principalId: principalId
    assignments: subscriptionRoles
  }
}

module onGroup 'modules/assign/resource-group.bicep' = [
  for groupName in groupNames: {
    name: 'dash-installer-rights-${uniqueString(groupName)}'
    scope: resourceGroup(groupName)
    params: {
      principalId: principalId
      assignments: groupRoles
    }
  }
]

module onVault 'modules/assign/vault.bicep' = [
  for id in keyVaultResourceIds: {
    name: 'dash-installer-rights-${uniqueString(id)}'
    scope: resourceGroup(split(id, '/')[4])
    params: {
      vaultName: last(split(id, '/'))
      principalId: principalId
      assignments: [{ roleDefinitionId: roleIds['vault-secrets'] }]
    }
  }
]

module onSubnet 'modules/assign/subnet.bicep' = [
  for id in subnetResourceIds: {
    name: 'dash-installer-rights-${uniqueString(id)}'
    scope: resourceGroup(split(id, '/')[4])
    params: {
      virtualNetworkName: split(id, '/')[8]
      subnetName: last(split(id, '/'))
      principalId: principalId
      assignments: subnetRoles
    }
  }
]

module onAddressGroup 'modules/assign/resource-group.bicep' = [
  for groupName in addressGroupNames: {
    name: 'dash-installer-addresses-${uniqueString(groupName)}'
    scope: resourceGroup(groupName)
    params: {
      principalId: principalId
      assignments: [{ roleDefinitionId: roleIds['outbound-addresses'] }]
    }
  }
]

module onClusterIdentity 'modules/assign/cluster-identity.bicep' = [
  for id in clusterIdentityResourceIds: {
    name: 'dash-installer-rights-${uniqueString(id)}'
    scope: resourceGroup(split(id, '/')[4])
    params: {
      identityName: last(split(id, '/'))
      principalId: principalId
      assignments: [{ roleDefinitionId: roleIds['cluster-identity'] }]
    }
  }
]

module onDnsZone 'modules/assign/dns-zone.bicep' = [
  for id in dnsZoneResourceIds: {
    name: 'dash-installer-rights-${uniqueString(id)}'
    scope: resourceGroup(split(id, '/')[4])
    params: {
      zoneName: last(split(id, '/'))
      principalId: principalId
      assignments: [{ roleDefinitionId: roleIds['dns-records'] }]
    }
  }
]

@description('Resource id of each custom role by the name of its file in infra/roles.')
output roleDefinitionResourceIds object = definitions.outputs.resourceIds
