#!/bin/sh
# The bot's own tests, and then the bot against quickstart and a simulated Slack.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
home=$(CDPATH= cd -- "$here/../.." && pwd)
# shellcheck source=examples/lib.sh
. "$home/examples/lib.sh"
machine=arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890

(cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm test --silent >"$work/test.log") ||
  { cat "$work/test.log"; fail "the bot's own tests fail"; }

"$home/postern" producer slack-bot --data "$work/data" --subject alice --subject lea --subject eve \
  --group sre --group leads --key-file "$work/slack-bot.jwk"
start

token=$("$home/postern" token root --group admins)
"$home/postern" token lea --group leads >"$work/lea.token"
curl -sf -o "$work/policy" -X PUT "$web/api/v1/policies/chat-ssh" \
  -H "Authorization: Bearer $token" -H "Content-Type: application/json" -d '{
    "schemaVersion": 1, "name": "chat-ssh",
    "machines": [{"id": "'"$machine"'"}],
    "ports": [{"port": 22, "protocol": "TCP", "sources": ["*"], "maxDuration": "PT1H"}],
    "requestors": {"groups": ["sre"]},
    "approval": {"levels": [{"anyOf": {"groups": ["leads"]}, "count": 1}], "timeout": "PT1H"},
    "extension": {"maxTotal": "PT2H"},
    "existingRules": "override"}' || fail "the policy was refused"

# closed: whether the policy has locked the machine down.
closed() {
  curl -sf --max-time 5 -H "Content-Type: application/json" "http://127.0.0.1:$POSTERN_EC2_PORT/_simulator/reachable" \
    -d "{\"source\": \"192.0.2.66\", \"machine\": \"$machine\", \"port\": 22, \"protocol\": \"TCP\"}" | grep -q '"reachable": *false'
}
until_true 30 "locked down" closed

timeout 120 node "$here/check.mjs" "$work" || fail "the bot does not do what it should"
echo "check: asked, approved, extended and closed in Slack"
