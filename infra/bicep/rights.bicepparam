// What infra/hooks/postprovision.sh deploys: lists are comma-separated, `azd env set NAME VALUE`.
using 'rights.bicep'

param principalId = readEnvironmentVariable('AZURE_PRINCIPAL_OBJECT_ID')
param keyVaultResourceIds = filter(
  split(readEnvironmentVariable('DASH_KEY_VAULT_IDS', readEnvironmentVariable('AZURE_KEY_VAULT_RESOURCE_ID')), ','),
  id => !empty(id)
)
param rights = {
  model: readEnvironmentVariable('DASH_RIGHTS_MODEL', 'split') == 'seedMinimum' ? 'seedMinimum' : 'split'
  resourceGroups: filter(split(readEnvironmentVariable('DASH_RESOURCE_GROUPS', ''), ','), name => !empty(name))
  subnetResourceIds: filter(split(readEnvironmentVariable('DASH_SUBNET_IDS', ''), ','), id => !empty(id))
  outboundAddressResourceGroups: filter(split(readEnvironmentVariable('DASH_ADDRESS_RESOURCE_GROUPS', ''), ','), name => !empty(name))
  clusterIdentityResourceIds: filter(split(readEnvironmentVariable('DASH_CLUSTER_IDENTITY_IDS', ''), ','), id => !empty(id))
  dnsZoneResourceIds: filter(split(readEnvironmentVariable('DASH_DNS_ZONE_IDS', ''), ','), id => !empty(id))
  searchDnsZones: bool(readEnvironmentVariable('DASH_SEARCH_DNS_ZONES', 'false'))
  ownNetworks: bool(readEnvironmentVariable('DASH_OWN_NETWORKS', 'true'))
  systemAssignedClusters: bool(readEnvironmentVariable('DASH_SYSTEM_ASSIGNED_CLUSTERS', 'true'))
}
