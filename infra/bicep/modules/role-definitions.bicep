targetScope = 'subscription'

metadata name = 'Role definitions'
metadata description = 'The published custom roles, as infra/roles has them: what the app may do, one role for each group of steps.'

@description('Optional. End of the roles\' display names, for a second subscription of the tenant, where they must differ.')
param nameSuffix string = ''

// The key is the file\'s name, from which the id is made.
var roles = {
  checks: loadJsonContent('../../roles/checks.json')
  'cluster-access': loadJsonContent('../../roles/cluster-access.json')
  'cluster-identity': loadJsonContent('../../roles/cluster-identity.json')
  cluster: loadJsonContent('../../roles/cluster.json')
  'dns-records': loadJsonContent('../../roles/dns-records.json')
  'dns-search': loadJsonContent('../../roles/dns-search.json')
  network: loadJsonContent('../../roles/network.json')
  'outbound-addresses': loadJsonContent('../../roles/outbound-addresses.json')
  'resource-group': loadJsonContent('../../roles/resource-group.json')
  'seed-minimum': loadJsonContent('../../roles/seed-minimum.json')
  'subnet-grant': loadJsonContent('../../roles/subnet-grant.json')
  subnet: loadJsonContent('../../roles/subnet.json')
  'vault-secrets': loadJsonContent('../../roles/vault-secrets.json')
}

resource definition 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in items(roles): {
    name: guid(subscription().id, 'dash-enterprise-installer', role.key)
    properties: {
      roleName: empty(nameSuffix) ? role.value.name : '${role.value.name} (${nameSuffix})'
      description: role.value.description
      type: 'CustomRole'
      permissions: [
        {
          actions: role.value.actions
          notActions: role.value.notActions
          dataActions: role.value.dataActions
          notDataActions: role.value.notDataActions
        }
      ]
      assignableScopes: [subscription().id]
    }
  }
]

@description('Resource id of each role definition by its file\'s name.')
output resourceIds object = toObject(
  items(roles),
  role => role.key,
  role => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', guid(subscription().id, 'dash-enterprise-installer', role.key))
)
