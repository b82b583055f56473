// Nothing answers in public: the organization's network, its private DNS zones, its vault, prepared subnets.
using '../main.bicep'

var subscription = '/subscriptions/00000000-0000-0000-0000-000000000001'
var hub = '${subscription}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/hub'
var vault = '${subscription}/resourceGroups/secrets/providers/Microsoft.KeyVault/vaults/dash-installations'
var identities = '${subscription}/resourceGroups/identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities'

param environmentName = 'private'
param location = 'westeurope'
param zoneRedundant = true
param keyVaultResourceId = vault
param network = {
  integrationSubnetResourceId: '${hub}/subnets/installer'
  endpointSubnetResourceId: '${hub}/subnets/endpoints'
  privateDnsZoneResourceGroupId: '${subscription}/resourceGroups/private-dns'
  privateApi: true
}
param scheduler = {
  skuName: 'Dedicated'
  capacity: 3
  retentionDays: 90
}
param entra = {
  clientId: '00000000-0000-0000-0000-0000000000bb'
}
param installerSettings = {
  installerImage: 'registry.example.com/kotsadm/kotsadm'
  publicResolver: '10.0.0.53'
}
param rights = {
  resourceGroups: ['dash-enterprise']
  subnetResourceIds: ['${hub}/subnets/clusters']
  clusterIdentityResourceIds: ['${identities}/dash-clusters']
  ownNetworks: false
  systemAssignedClusters: false
}
