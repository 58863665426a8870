# The reader of the README has no policy yet.
# shellcheck shell=bash
curl -sS --fail-with-body -X DELETE "$POSTERN_URL/api/v1/policies/bot-ssh" -H "Authorization: Bearer $TOKEN"
no_policy() { curl -sS --fail-with-body "$POSTERN_URL/api/v1/policies" -H "Authorization: Bearer $TOKEN" | jq -e '.items == []' >"$WORK/policies"; }
until_true 60 "without a policy" no_policy
