# What somebody else asked for, and who answers it.
# shellcheck shell=bash
REQUEST=$(waiting 203.0.113.9)
POSTERN_TOKEN=$BOB
