# report.sh: sourced by the tests that are shell scripts; counts cases as tests/harness.c does.
#
#   check "what holds" command args...   one case: passes when the command succeeds
#   skip "what" "why"                    a case that cannot run here
#   finish NAME                          prints "NAME: N passed, N failed, N skipped", exits

passed=0 failed=0 skipped=0

check()
{
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "passed: $what"
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n%s\n' "$what" "$output"
  fi
}

skip()
{
  skipped=$((skipped + 1))
  echo "skipped: $1 ($2)"
}

finish()
{
  echo "$1: $passed passed, $failed failed, $skipped skipped"
  [ $failed -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
  exit
}
