#!/bin/sh
# The chat bots' own tests, and then the bots against quickstart, a simulated Slack and a webhook on this machine.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
home=$(CDPATH= cd -- "$here/.." && pwd)
# shellcheck source=examples/lib.sh
. "$home/examples/lib.sh"
machine=arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890

for bot in slack-bot teams-notifier; do
  (cd "$here/$bot" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm test --silent >"$work/test.log") ||
    { cat "$work/test.log"; fail "the tests of $bot fail"; }
done

"$home/postern" producer slack-bot --data "$work/data" --subject alice --subject lea --subject eve \
  --group sre --group leads --key-file "$work/slack-bot.jwk"
start

token=$("$home/postern" token root --group admins)
"$home/postern" token lea --group leads >"$work/lea.token"
# A grant of 15 minutes is reminded of after two seconds; a shorter one has no reminder.
curl -sf -o "$work/policy" -X PUT "$web/api/v1/policies/chat-ssh" \
  -H "Authorization: Bearer $token" -H "Content-Type: application/json" -d '{
    "schemaVersion": 1, "name": "chat-ssh",
    "machines": [{"id": "'"$machine"'"}],
    "ports": [{"port": 22, "protocol": "TCP", "sources": ["*"], "maxDuration": "PT1H"}],
    "requestors": {"groups": ["sre"]},
    "approval": {"levels": [{"anyOf": {"groups": ["leads"]}, "count": 1}], "timeout": "PT1H"},
    "extension": {"maxTotal": "PT2H"}, "reminder": "PT14M58S",
    "existingRules": "override"}' || fail "the policy was refused"

until_true 30 "locked down" packet "$machine" 192.0.2.66 false

timeout 200 node "$here/teams-notifier/check.mjs" "$work" >"$work/teams.log" 2>&1 &
teams=$!
until_true 30 "the notifier listening" grep -q "notifier ready" "$work/teams.log"
timeout 150 node "$here/slack-bot/check.mjs" "$work" || { kill "$teams"; fail "the Slack bot does not do what it should"; }
wait "$teams" || { cat "$work/teams.log"; fail "the Teams notifier does not do what it should"; }
cat "$work/teams.log"
echo "check: asked, approved, extended and closed in Slack, and told in Teams"
