# A moment of which something is known.
# shellcheck shell=bash
export POSTERN_DATA=./my-data
THEN=$(date -u +%Y-%m-%dT%H:%M:%SZ)
