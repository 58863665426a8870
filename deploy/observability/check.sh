#!/usr/bin/env bash
# The alert rules as Prometheus reads them, and what they say of histories; skipped, loudly, where promtool cannot be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v promtool >/dev/null || { echo "alert rules: SKIPPED: no promtool here"; exit 0; }
promtool check config --syntax-only deploy/observability/prometheus.yml
promtool check rules docs/alerts/postern.rules.yml
promtool test rules docs/alerts/postern.test.yml
