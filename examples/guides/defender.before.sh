# The machine is under no policy yet.
# shellcheck shell=bash
./postern policy delete web
has_no_web() { ! ./postern policy get web >"$WORK/policy" 2>&1; }
until_true 60 "without the policy" has_no_web
