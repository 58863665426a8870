#!/bin/sh
# Microsoft's own client of Defender's just-in-time API against quickstart: what it reports must be what was asked for.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
home=$(CDPATH= cd -- "$here/../.." && pwd)
# shellcheck source=examples/lib.sh
. "$home/examples/lib.sh"
machine=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01
person=203.0.113.7

(cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
start
"$home/postern" token root --group admins >"$work/admin"
"$home/postern" token alice --group sre >"$work/alice"

timeout 90 node "$here/client.mjs" --endpoint "$web" --admin-token-file "$work/admin" --token-file "$work/alice" \
  --machine "$machine" --source "$person" --seconds 8 | tee "$work/lines" || fail "the client failed"
for line in "put default Succeeded" "listed 1 true" "asked alice Initiated" "now Initiated UserRequested" "now Revoked Expired" \
  "refused 400 InvalidRequestContent .*ports\[0\].number" "deleted"; do
  grep -q "^$line" "$work/lines" || fail "the client's story has no line '$line'"
done

# By Postern's own door: nothing of it is left in force.
curl -sf -o "$work/policies" -H "Authorization: Bearer $(cat "$work/admin")" "$web/api/v1/policies"
grep -q '"items":\[\]' "$work/policies" || fail "a policy is left"
echo "check: Microsoft's client was served"
