#!/bin/sh
# Quickstart, producer, policy, and the bot for one machine of the simulated EC2, from asking to closed.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
home=$(CDPATH= cd -- "$here/../.." && pwd)
# shellcheck source=examples/lib.sh
. "$home/examples/lib.sh"
machine=arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890
bot=203.0.113.7
stranger=192.0.2.66

(cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm test --silent >"$work/test.log") ||
  { cat "$work/test.log"; fail "the bot's own tests fail"; }

"$home/postern" producer node-bot --data "$work/data" --subject node-bot --key-file "$work/node-bot.jwk"

start

token=$("$home/postern" token root --group admins)
curl -sf -o "$work/policy" -X PUT "$web/api/v1/policies/bot-ssh" \
  -H "Authorization: Bearer $token" -H "Content-Type: application/json" -d '{
    "schemaVersion": 1, "name": "bot-ssh",
    "machines": [{"id": "'"$machine"'"}],
    "ports": [{"port": 22, "protocol": "TCP", "sources": ["*"], "maxDuration": "PT1H"}],
    "requestors": {"identities": [{"issuer": "node-bot", "subject": "node-bot"}]},
    "existingRules": "override"}' || fail "the policy was refused"
until_true 30 "locked down" packet "$machine" "$stranger" false
packet "$machine" "$bot" false || fail "the port is open before anybody asked"

# ask FILE OPTION...: runs the bot; its lines go by as they come, and what they claim is checked when they claim it.
ask() {
  lines=$1
  shift
  { timeout 90 node "$here/bot.mjs" --machine "$machine" --port 22 --source "$bot/32" --duration 12s \
    --justification "nightly check" --key-file "$work/node-bot.jwk" --trust "$work/data/keys/trust.json" \
    --bootstrap "127.0.0.1:$POSTERN_KAFKA_PORT" --registry "http://127.0.0.1:$POSTERN_REGISTRY_PORT/apis/ccompat/v7" \
    "$@" && echo "exit 0" || echo "exit $?"; } |
    while read -r line; do
      echo "$line" | tee -a "$lines"
      case $line in
        opened*) packet "$machine" "$bot" true && packet "$machine" "$stranger" false && echo "proved open" >>"$lines" ;;
        closed*) packet "$machine" "$bot" false && echo "proved closed" >>"$lines" ;;
      esac
    done
}

ask "$work/lines"
for line in "asked " "granted " "opened  *connect to " "proved open" "closed  *EXPIRED" "proved closed" "exit 0"; do
  grep -q "^$line" "$work/lines" || fail "the bot's story has no line '$line'"
done

# It vouches for itself only: for anybody else it is not believed.
ask "$work/lines-of-another" --subject somebody-else
grep -q '^refused  *NOT_ALLOWED_TO_SPEAK' "$work/lines-of-another" && grep -q '^exit 1' "$work/lines-of-another" ||
  fail "the bot could speak for somebody else"
packet "$machine" "$bot" false || fail "the port is open at the end"
echo "check: the bot asked, was let in, and was let out"
