#!/usr/bin/env bash
# Does the sum over all test programs notice every way a program can fail?
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../report.sh"

sum() # EXPECTED_LAST_LINE EXPECTED_STATUS TESTCASE...: the sum over these <testcase> elements
{
  local line=$1 status=$2 got
  shift 2
  got=$(printf '%s\n' '<testsuite>' "$@" '</testsuite>' | awk -f "$here/summarize.awk")
  [ $? -eq "$status" ] && [ "${got##*$'\n'}" = "$line" ] && return
  echo "$got"
  return 1
}

testcase() # STATUS OUTPUT
{
  printf '<testcase name="x" classname="x" time="0" status="%s">\n<system-out>%s</system-out>\n</testcase>' \
    "$1" "$2"
}

good=$(testcase run $'  &lt;verbose&gt;\ngood: 3 passed, 0 failed, 1 skipped\n')
check "counts are added up" sum "6 passed, 0 failed, 2 skipped" 0 "$good" "$good"
check "the line may be the first one" sum "2 passed, 0 failed, 0 skipped" 0 \
  "$(testcase run $'a: 2 passed, 0 failed, 0 skipped\n')"
check "failed cases are counted" sum "4 passed, 2 failed, 1 skipped" 1 "$good" \
  "$(testcase fail $'b: 1 passed, 2 failed, 0 skipped\n')"
check "a crash without a count is a failure" sum "3 passed, 1 failed, 1 skipped" 1 "$good" \
  "$(testcase fail 'start')"
check "a crash after a good count is a failure" sum "4 passed, 1 failed, 1 skipped" 1 "$good" \
  "$(testcase fail $'c: 1 passed, 0 failed, 0 skipped\n')"
check "a program that is not there is a failure" sum "3 passed, 1 failed, 1 skipped" 1 "$good" \
  '<testcase name="x" status="notrun">
     <skipped message="Unable to find executable"/>
   </testcase>'
check "a program without a count is one case" sum "4 passed, 0 failed, 1 skipped" 0 "$good" \
  "$(testcase run 'fine')"
check "a program that skips itself is one case" sum "3 passed, 0 failed, 2 skipped" 0 "$good" \
  "$(testcase notrun '')"
check "nothing run is a failure" sum "0 passed, 0 failed, 0 skipped" 1
finish summary
