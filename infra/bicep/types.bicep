// User-defined types of the parameters; imported by main.bicep, rights.bicep and the modules.

@export()
@description('A group of functions that always has instances running.')
type alwaysReadyType = {
  @description('Required. `http`, `durable`, `blob`, or `function:` with the name of another function.')
  name: string

  @description('Required. Instances that never stop; each is billed while idle.')
  @minValue(0)
  @maxValue(1000)
  instanceCount: int
}

@export()
@description('How far and how fast the function app scales.')
type scaleType = {
  @description('Optional. Groups with instances that always run. Default: one for `durable`, so that a timer of an installation never waits for a cold start.')
  alwaysReady: alwaysReadyType[]?

  @description('Optional. Most instances at a time. Default: 40.')
  @minValue(1)
  @maxValue(1000)
  maximumInstanceCount: int?

  @description('Optional. Memory of an instance in MB. Default: 2048.')
  instanceMemoryMB: (512 | 2048 | 4096)?

  @description('Optional. HTTP requests that one instance takes at a time. Default: 16.')
  @minValue(1)
  @maxValue(1000)
  httpConcurrency: int?
}

@export()
@description('Application settings that an operator may choose; the rest follows from the resources.')
type installerSettingsType = {
  @description('Optional. Image with bash, kots, kubectl, helm and curl, without tag. Default: that of the app.')
  installerImage: string?

  @description('Optional. Name of the app whose installations this one takes over. Default: this app\'s own name.')
  installerId: string?

  @description('Optional. Resolver asked after the zones\' own name servers. Default: that of the app.')
  publicResolver: string?

  @description('Optional. Whether installations queue for the subscription\'s allowance of requests. Default: off.')
  armGovernor: ('on' | 'off')?

  @description('Optional. When the watchdog looks: NCRONTAB with six fields, UTC. Default: that of the app.')
  watchdogSchedule: string?

  @description('Optional. Seconds that a step may be silent beyond its budget. Default: that of the app.')
  watchdogGraceSeconds: int?
}

@export()
@description('Entra ID in front of the API: an app registration whose tokens are let in.')
type entraType = {
  @description('Required. Application (client) id of the app registration that stands for the API.')
  clientId: string

  @description('Optional. Tenant that issues the tokens. Default: the subscription\'s.')
  tenantId: string?

  @description('Optional. Audiences accepted in a token. Default: `api://` and the client id, and the client id alone.')
  allowedAudiences: string[]?

  @description('Optional. Client ids of the applications that may call. Default: any application of the tenant.')
  allowedApplications: string[]?

  @description('Optional. Object ids of the groups whose members may call. Default: any group.')
  allowedGroups: string[]?

  @description('Optional. Object ids of the users and service principals that may call. Default: any.')
  allowedIdentities: string[]?
}

@export()
@description('A network for the function app. Without it the app leaves through Azure\'s shared addresses.')
type networkType = {
  @description('Optional. Address space of the network that is made, at least a /24. Default: 10.90.0.0/24. Not used with existing subnets.')
  addressPrefix: string?

  @description('Optional. Existing subnet, delegated to `Microsoft.App/environments`, at least a /27. Given together with `endpointSubnetResourceId`; no network is made then.')
  integrationSubnetResourceId: string?

  @description('Optional. Existing subnet for the private endpoints, in the same network.')
  endpointSubnetResourceId: string?

  @description('Optional. Resource group with the organization\'s private DNS zones, already linked to the network. Default: the zones are made and linked here.')
  privateDnsZoneResourceGroupId: string?

  @description('Optional. Whether the API itself answers only at a private endpoint. Default: false.')
  privateApi: bool?
}

@export()
@description('Durable Task Scheduler instead of the storage account as the store of the orchestrations.')
type schedulerType = {
  @description('Optional. `Consumption` or `Dedicated`. Default: Consumption.')
  skuName: ('Consumption' | 'Dedicated')?

  @description('Optional. Capacity units of `Dedicated`; three for high availability. Default: 1.')
  @minValue(1)
  @maxValue(3)
  capacity: int?

  @description('Optional. Address ranges that may reach the scheduler; each caller needs a role on top. Default: all.')
  ipAllowlist: string[]?

  @description('Optional. Days that an ended orchestration is kept. Default: 30, the most of `Consumption`.')
  @minValue(1)
  @maxValue(90)
  retentionDays: int?
}

@export()
@description('What the app may do outside its own resource group.')
type rightsType = {
  @description('Optional. `split`: the published roles, each where it is needed. `seedMinimum`: the one role of the vendor\'s guide; requests then say `azure.minimumRole`. Default: split.')
  model: ('split' | 'seedMinimum')?

  @description('Optional. Names of existing resource groups that installations go into. Default: none; the app may then make groups, and has its rights on the whole subscription.')
  resourceGroups: string[]?

  @description('Optional. Existing subnets that clusters go into: those of nodes, of pods and of API servers.')
  subnetResourceIds: string[]?

  @description('Optional. Names of the resource groups of public addresses and prefixes that clusters send from.')
  outboundAddressResourceGroups: string[]?

  @description('Optional. Existing user-assigned identities that clusters run under.')
  clusterIdentityResourceIds: string[]?

  @description('Optional. Public DNS zones that the records go into. Default: none; DNS is then manual, or the zones get the role DNS Records by hand.')
  dnsZoneResourceIds: string[]?

  @description('Optional. Whether the app may search the subscription for a zone that a request does not name. Default: false.')
  searchDnsZones: bool?

  @description('Optional. Whether the app may make virtual networks. Default: true.')
  ownNetworks: bool?

  @description('Optional. Whether clusters may run under a system-assigned identity, which the app must then grant Network Contributor on its subnet, and nothing else to anyone. Default: true.')
  systemAssignedClusters: bool?
}

@export()
@description('One role for one principal on one scope.')
type assignmentType = {
  @description('Required. Resource id of the role definition.')
  roleDefinitionId: string

  @description('Optional. Condition in the language of Azure attribute-based access control, version 2.0.')
  condition: string?
}
