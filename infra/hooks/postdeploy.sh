#!/bin/sh
# Waits until the app answers, then prints where it is and how to call it; the key itself is not printed.
set -eu

deadline=${DASH_HEALTH_DEADLINE_SECONDS:-300}
pause=${DASH_HEALTH_PAUSE_SECONDS:-10}
end=$(($(date +%s) + deadline))
until curl --fail --silent --show-error --max-time 30 --output /dev/null "$SERVICE_INSTALLER_ENDPOINT/api/health"; do
  if [ "$(date +%s)" -ge "$end" ]; then
    echo "The app does not answer at $SERVICE_INSTALLER_ENDPOINT/api/health after $deadline s." >&2
    echo "A private API answers only inside its network; else see its log: docs/deploy.md, part 8." >&2
    exit 1
  fi
  sleep "$pause"
done

cat <<EOF

The installer is ready.
  endpoint  $SERVICE_INSTALLER_ENDPOINT
  API       $SERVICE_INSTALLER_ENDPOINT/api/openapi.json
  vault     $AZURE_KEY_VAULT_NAME
  key       az functionapp keys list --resource-group $AZURE_RESOURCE_GROUP --name $SERVICE_INSTALLER_NAME --query functionKeys.default --output tsv
EOF
