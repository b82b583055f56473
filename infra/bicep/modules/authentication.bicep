metadata name = 'Authentication'
metadata description = 'Entra ID in front of the API: without a token that fits, a request does not reach the app. Only the health check is open.'

import { entraType } from '../types.bicep'

@description('Required. Name of the function app.')
param appName string

@description('Required. Whose tokens are let in.')
param entra entraType

var openPaths = ['/api/health']

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: appName
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
      runtimeVersion: '~1'
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      excludedPaths: openPaths
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: entra.clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${entra.?tenantId ?? tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: entra.?allowedAudiences ?? ['api://${entra.clientId}', entra.clientId]
          defaultAuthorizationPolicy: {
            allowedApplications: entra.?allowedApplications
            allowedPrincipals: {
              groups: entra.?allowedGroups
              identities: entra.?allowedIdentities
            }
          }
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
}

@description('The paths that need no token.')
output openPaths string[] = openPaths
