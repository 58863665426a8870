# What the reader of docs/audit.md has: a request that they want to know about, and a dead letter.
# shellcheck shell=bash
REQUEST=$(grep -m 1 '^asked ' "$SAID" | grep -oE '[0-9a-f-]{36}')

# A bot that speaks for somebody else, and one whose key nobody knows: both are dead-lettered.
./postern producer stranger --data ./elsewhere --subject node-bot --key-file stranger.jwk
cp node-bot.jwk key.jwk
dead_letter() {
  local lines
  lines=$(cd examples/node-bot && ! node bot.mjs --machine arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890 --port 22 \
    --source 203.0.113.7/32 --duration 1s --trust ../../my-data/keys/trust.json "$@")
  grep '^refused' <<<"$lines"
}
dead_letter --key-file ../../node-bot.jwk --subject somebody-else
dead_letter --key-file ../../stranger.jwk --subject node-bot
ID=$(./postern dead-letters list jit.requests | grep -m 1 NOT_ALLOWED_TO_SPEAK | cut -d ' ' -f 1)
