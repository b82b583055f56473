metadata name = 'Monitoring'
metadata description = 'A workbook and alerts on what the app tells Application Insights; docs/monitoring.md says what each is for.'

@description('Required. Resource id of the Application Insights component: what the workbook and the alerts ask.')
param applicationInsightsId string

@description('Required. Location of workbook and alert rules: that of the component.')
param location string

@description('Optional. Addresses that alerts are sent to; empty for alerts that are seen in the portal only.')
param actionGroupEmails string[] = []

@description('Optional. Tags of everything.')
param tags object = {}

// Windows are longer than the pauses between two looks: what arrives late is still seen.
// A dimension makes each of its values an alert of its own.
var alerts = {
  'installation-failed': {
    displayName: 'Installation failed'
    description: 'A run ended for good: look its code up in docs/errors.md.'
    query: loadTextContent('../../queries/failed.kql')
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
    dimensions: ['installation', 'attempt', 'code']
  }
  'installation-stuck': {
    displayName: 'Installation stuck'
    description: 'The next step of a run is overdue: see docs/monitoring.md.'
    query: loadTextContent('../../queries/stuck.kql')
    severity: 1
    every: 'PT10M'
    window: 'PT30M'
    dimensions: ['installation']
  }
  'poison-message': {
    displayName: 'Request could not be taken'
    description: 'A message of the queue was put aside: see docs/monitoring.md.'
    query: loadTextContent('../../queries/poison.kql')
    severity: 2
    every: 'PT5M'
    window: 'PT15M'
    dimensions: []
  }
  'certificate-expires': {
    displayName: 'Certificate ends soon'
    description: 'An installation\'s certificate has few days left: renew it, see docs/monitoring.md.'
    query: loadTextContent('../../queries/certificates.kql')
    severity: 2
    every: 'PT1H'
    window: 'P1D'
    dimensions: ['installation']
  }
}
var componentName = last(split(applicationInsightsId, '/'))

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(actionGroupEmails)) {
  name: 'ag-${componentName}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'dash-install'
    emailReceivers: [
      for address in actionGroupEmails: {
        name: address
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in items(alerts): {
    name: '${alert.key}-${componentName}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.value.displayName
      description: alert.value.description
      severity: alert.value.severity
      enabled: true
      scopes: [applicationInsightsId]
      evaluationFrequency: alert.value.every
      windowSize: alert.value.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.value.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: map(alert.value.dimensions, dimension => {
              name: dimension
              operator: 'Include'
              values: ['*']
            })
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(actionGroupEmails) ? [] : [actionGroup.id]
      }
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(applicationInsightsId, 'dash-enterprise-installer')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Dash Enterprise installations'
    description: 'Installations now, the timeline of one, slowest stages, faults by code, throttling.'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: toLower(applicationInsightsId)
    serializedData: replace(loadTextContent('../../workbook/installations.json'), '<application-insights-id>', applicationInsightsId)
  }
}

@description('The resource id of the workbook.')
output workbookResourceId string = workbook.id

@description('The resource ids of the alert rules.')
output alertRuleResourceIds string[] = [for (alert, index) in items(alerts): rules[index].id]

@description('The resource id of the action group; empty without addresses.')
output actionGroupResourceId string = empty(actionGroupEmails) ? '' : actionGroup.id
