# What the reader has: the policy of above as YAML, with an extension; a grant that is open; and a machine that answers ssh.
# shellcheck shell=bash
cat >policy.yaml <<'YAML'
schemaVersion: 1
name: web-ssh
machines:
  - aws: {account: "123456789012", tags: {env: prod}}
ports:
  - {port: 22, protocol: TCP, sources: ["*"], maxDuration: PT3H}
requestors: {groups: [sre]}
extension: {maxTotal: PT8H}
YAML
export POSTERN_TOKEN=$TOKEN
./postern policy put policy.yaml
./postern request i-0abc1234def567890 --source 203.0.113.8 --for 1h --why INC-42 >"$WORK/opened"
GRANT=$(grep -oE 'grant [0-9a-f-]{36}' "$WORK/opened" | cut -d ' ' -f 2)
mkdir -p "$WORK/bin"
printf '#!/bin/sh\necho "ssh $*"\n' >"$WORK/bin/ssh"
chmod +x "$WORK/bin/ssh"
PATH=$WORK/bin:$PATH
