# What an approver finds: a request of somebody else that waits.
# shellcheck shell=bash
BOB=$(./postern token bob --group leads)
curl -sS --fail-with-body -o "$WORK/policy" -X PUT "$POSTERN_URL/api/v1/policies/db-ssh" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{
  "schemaVersion": 1, "name": "db-ssh", "machines": [{"id": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567891"}],
  "ports": [{"port": 22, "protocol": "TCP", "sources": ["*"], "maxDuration": "PT3H"}], "requestors": {"groups": ["sre"]},
  "approval": {"levels": [{"anyOf": {"groups": ["leads"]}, "count": 1}], "timeout": "PT2H"}}'
# The request's id, once it waits.
waiting() {
  local id
  id=$(POSTERN_TOKEN=$TOKEN ./postern request i-0abc1234def567891 --source "$1" --for 1h --why INC-42 --no-wait)
  until_true 60 "asked for approval" has_digest "$id"
  echo "$id"
}
has_digest() { POSTERN_TOKEN=$TOKEN ./postern requests --state PENDING_APPROVAL --json | jq -er "select(.id == \"$1\") | .approvals[0].digest" >"$WORK/digest"; }
ID=$(waiting 203.0.113.7)
DIGEST=$(cat "$WORK/digest")
