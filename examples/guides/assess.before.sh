# The clouds of the reader are the simulated ones; what is changed in a policy is the administrator's.
# shellcheck shell=bash
export POSTERN_AZURE_ENDPOINT=http://127.0.0.1:$POSTERN_ARM_PORT POSTERN_AWS_ENDPOINT=http://127.0.0.1:$POSTERN_EC2_PORT
POSTERN_TOKEN=$TOKEN
