# common.sh: sourced by the tests of the command; their first argument is the speig to test.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../report.sh"
speig=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
python=
for candidate in /usr/bin/python3 python3; do
  if command -v "$candidate" >/dev/null; then python=$candidate; break; fi
done

# One run of speig. stdout and stderr must each match an extended regular expression that may span
# lines; "" means that the stream stays empty, "*" that it may hold anything.
ends() # CODE STDOUT STDERR ARGUMENT...
{
  local code=$1 out=$2 err=$3 got
  shift 3
  "$speig" "$@" >out.txt 2>err.txt </dev/null
  got=$?
  shows out.txt "$out" && shows err.txt "$err" && [ $got -eq "$code" ] && return
  echo "speig $*: exit code $got, needed $code"
  echo "--- stdout"; head -c 2000 out.txt
  echo "--- stderr"; head -c 2000 err.txt
  return 1
}

shows() # FILE PATTERN
{
  case $2 in
    '*') return 0 ;;
    '') [ ! -s "$1" ] && return 0 ;;
    *) tr '\n' ' ' <"$1" | grep -Eq -- "$2" && return 0 ;;
  esac
  echo "$1 does not match: ${2:-(empty)}"
  return 1
}

# A JSON file, read by Python, satisfies an expression over r.
json_holds() # FILE EXPRESSION
{
  "$python" - "$1" "$2" <<'END'
import json, math, sys
def refuse(word):
    raise ValueError("JSON holds " + word)
r = json.load(open(sys.argv[1]), parse_constant=refuse)
if not eval(sys.argv[2]):
    print(sys.argv[2], "does not hold for", r)
    sys.exit(1)
END
}

check_json() # WHAT FILE EXPRESSION
{
  if [ -n "$python" ]; then
    check "$1" json_holds "$2" "$3"
  else
    skip "$1" "no python3"
  fi
}

# A diagonal matrix with the given entries.
diagonal() # FILE ENTRY...
{
  local file=$1 row=0 entry
  shift
  {
    echo "%%MatrixMarket matrix coordinate real symmetric"
    echo "$# $# $#"
    for entry; do row=$((row + 1)); echo "$row $row $entry"; done
  } >"$file"
}
