#!/usr/bin/env bash
# Holds the dashboard against the types that Grafana publishes of what it loads (@grafana/schema, from npm): deploy/observability/dashboard-types.sh [VERSION].
# By hand, after the dashboard or Grafana's version in docker-compose.yml has changed. That every metric it asks for exists is a test of the build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=${1:-$(sed -n 's/^ *image: grafana\/grafana://p' "$here/../../docker-compose.yml")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent "@grafana/schema@$version" typescript@5.9.3
cat >dashboard.ts <<'TS'
import type { Dashboard } from "@grafana/schema";

// As a file writes it: the words of Grafana's enumerations.
type Written<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Written<T[K]> } : T;

export const dashboard: Written<Dashboard> =
TS
cat "$here/grafana/postern.json" >>dashboard.ts
npx tsc --noEmit --strict --skipLibCheck --module nodenext --moduleResolution nodenext --target es2022 dashboard.ts
echo "dashboard-types: Grafana $version would know everything in $here/grafana/postern.json"
