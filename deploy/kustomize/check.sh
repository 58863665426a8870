#!/usr/bin/env bash
# Renders every overlay and looks at what comes out. Skipped, loudly, where there is no kubectl.
set -euo pipefail
cd "$(dirname "$0")"
command -v kubectl >/dev/null || { echo "kustomize check: SKIPPED: no kubectl"; exit 0; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
fail() { echo "kustomize check: FAILED: $*" >&2; exit 1; }
count() { grep -c -- "$1" "$2" || true; }
for dir in base overlays/*; do
  file=$out/$(basename "$dir").yaml
  kubectl kustomize "$dir" >"$file" 2>"$out/errors" || { cat "$out/errors" >&2; fail "$dir does not render"; }
  [ ! -s "$out/errors" ] || { cat "$out/errors" >&2; fail "$dir renders with warnings"; }
  containers=$(count '^ *\(- \)\?image: ' "$file")
  [ "$containers" = 6 ] || fail "$dir has $containers containers, not the five services and the job"
  for must in 'readOnlyRootFilesystem: true' 'allowPrivilegeEscalation: false' 'runAsNonRoot: true' 'drop:' 'memory: .*Mi' 'type: RuntimeDefault'; do
    [ "$(count "$must" "$file")" -ge 6 ] || fail "$dir: not every container has $must"
  done
  for must in livenessProbe readinessProbe startupProbe; do
    [ "$(count "$must:" "$file")" = 5 ] || fail "$dir: not every service has a $must"
  done
  [ "$(count '^kind: PodDisruptionBudget' "$file")" = 5 ] || fail "$dir: not every service has a disruption budget"
  [ "$(count '^kind: NetworkPolicy' "$file")" = 4 ] || fail "$dir: network policies are missing"
done
[ "$(count '^  replicas: 3' "$out/three-replicas.yaml")" = 5 ] || fail "three replicas are not three"
grep -q 'images.example.org/postern/policy-service:0.1.0' "$out/example.yaml" || fail "the example's images are not taken"
grep -q 'kafka-0.kafka.example.org:9093' "$out/example.yaml" || fail "the example's broker is not taken"
echo "kustomize check: base and overlays render, $(kubectl version --client -o yaml 2>/dev/null | sed -n 's/^kustomizeVersion: */kustomize /p')"
