#!/usr/bin/env bash
# expect.sh PATTERNS PROGRAM ARGS...: runs the program and holds its output against PATTERNS, a file
# with one extended regular expression per line. Passes when the program exits with 0, and its
# output has exactly that many lines, each matching its expression from end to end.
set -u
patterns=$1
shift
output=$("$@")
status=$?
echo "$output"
if [ $status -ne 0 ]; then
  echo "expect: exit status $status, needed 0"
  exit 1
fi
mapfile -t wanted <"$patterns"
mapfile -t got <<<"$output"
bad=0
for ((i = 0; i < ${#wanted[@]} || i < ${#got[@]}; ++i)); do
  if [ $i -ge ${#got[@]} ] || [ $i -ge ${#wanted[@]} ] || ! [[ ${got[i]} =~ ^(${wanted[i]})$ ]]; then
    echo "expect: line $((i + 1)): '${got[i]-}', needed: '${wanted[i]-}'"
    bad=1
  fi
done
exit $bad
