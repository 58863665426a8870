#!/bin/sh
# Microsoft's az command line against quickstart: logs in at quickstart's own issuer, puts a policy, lists and shows it, asks for a port,
# sees it opened and over, and deletes the policy. Skipped loudly where there is no az.
set -eu

if ! command -v az >/dev/null; then
  echo "check: az against Postern: SKIPPED: no az here (Debian has it as azure-cli)"
  exit 0
fi

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
home=$(CDPATH= cd -- "$here/../.." && pwd)
# shellcheck source=examples/lib.sh
. "$home/examples/lib.sh"
group=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop
machine=$group/providers/Microsoft.Compute/virtualMachines/web-01
policy=$group/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default
version='?api-version=2020-01-01'
person=203.0.113.7
# az wants one of this form; of an issuer of ADFS's kind it makes no use of it.
tenant=00000000-0000-0000-0000-00000000aaaa

# shellcheck disable=SC2154
export POSTERN_WEB_TLS_PORT="$secure_port" AZURE_CORE_COLLECT_TELEMETRY=false AZURE_CORE_NO_COLOR=true
start
arm=https://127.0.0.1:$POSTERN_WEB_TLS_PORT
export REQUESTS_CA_BUNDLE="$home/.postern/tls/ca.pem"

# as SUBJECT ARGUMENT...: az, logged in as somebody, each with a configuration of their own.
as() {
  subject=$1
  shift
  AZURE_CONFIG_DIR="$work/az-$subject" az "$@" 2>"$work/az.err" || {
    cat "$work/az.err" >&2
    return 1
  }
}

# log_in SUBJECT GROUP
log_in() {
  as "$1" cloud register --name Postern --endpoint-resource-manager "$arm"
  as "$1" cloud set --name Postern
  as "$1" login --service-principal --username "$1" --password "$("$home/postern" token "$1" --group "$2")" --tenant "$tenant" \
    --query '[].id' --output tsv >"$work/subscriptions"
  grep -q '^00000000-0000-0000-0000-000000000001$' "$work/subscriptions" || fail "az does not see the subscription"
}

# port_is STATUS [REASON]: what az shows of alice's request.
port_is() {
  as alice security jit-policy show --location westeurope --name default --resource-group shop \
    --query 'requests[0].virtualMachines[0].ports[0].[status,statusReason]' --output tsv | tr '\n' ' ' >"$work/port"
  grep -q "^$1[[:space:]]*${2:-}" "$work/port"
}

log_in root admins || fail "az does not log in"
echo '{"kind": "Basic", "properties": {"virtualMachines": [{"id": "'$machine'", "ports": [
  {"number": 22, "protocol": "*", "allowedSourceAddressPrefix": "*", "maxRequestAccessDuration": "PT3H"}]}]}}' >"$work/policy.json"
as root rest --method put --url "$policy$version" --body "@$work/policy.json" --query properties.provisioningState --output tsv |
  grep -qx Succeeded || fail "az rest does not put the policy"
as root security jit-policy list --query '[].id' --output tsv | grep -qx "$policy" || fail "az does not list the policy"

log_in alice sre || fail "az does not log in as alice"
as alice security jit-policy show --location westeurope --name default --resource-group shop \
  --query 'virtualMachines[0].[id, ports[0].number, publicIpAddress]' --output tsv | tr '\n' ' ' >"$work/shown"
grep -q "^$machine[[:space:]]22[[:space:]][0-9]" "$work/shown" || fail "az does not show the policy: $(cat "$work/shown")"
# Long enough for a slow az to see it open.
end=$(node -p 'new Date(Date.now() + 45000).toISOString()')
echo '{"virtualMachines": [{"id": "'$machine'", "ports": [
  {"number": 22, "allowedSourceAddressPrefix": "'$person'", "endTimeUtc": "'"$end"'"}]}], "justification": "INC-42"}' >"$work/ask.json"
as alice rest --method post --url "$policy/initiate$version" --body "@$work/ask.json" --query requestor --output tsv |
  grep -qx alice || fail "az rest does not initiate"
until_true 40 "az shows the request" port_is Initiated UserRequested
until_true 90 "az shows its end" port_is Revoked Expired
if as alice rest --method delete --url "$policy$version" >"$work/refused"; then
  fail "az deletes for somebody who may not"
fi
grep -q AuthorizationFailed "$work/az.err" || fail "the refusal has another reason"
as root rest --method delete --url "$policy$version" >"$work/deleted" || fail "az does not delete"
[ -z "$(as root security jit-policy list --query '[].id' --output tsv)" ] || fail "a policy is left"
echo "check: az was served ($(az version --query '"azure-cli"' --output tsv))"
