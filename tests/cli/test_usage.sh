#!/usr/bin/env bash
# The command line: help, man page and completion name the same options; mistakes end with code 2
# and say what was found and what is needed.
set -u
. "$(dirname "$0")/common.sh"
verbs="solve svds count verify info convert spmv generate devices plot report help"
diagonal d.mtx 1 2 3

# ---- help, man page, completion ------------------------------------------------------------------
check "no arguments: usage on stderr" ends 2 "" "Usage: speig.*verify"
check "--help: usage on stdout" ends 0 "Usage: speig.*Exit codes" "" --help
check "--version" ends 0 "^speig [0-9]+\.[0-9]+\.[0-9]+ $" "" --version
for verb in $verbs; do
  check "help $verb" ends 0 "^Usage: speig $verb " "" help $verb
  check "$verb --help" ends 0 "^Usage: speig $verb " "" $verb --help
  check "$verb -h" ends 0 "^Usage: speig $verb " "" $verb -h
done
"$speig" help --man >speig.1
"$speig" help --bash-completion >speig.bash
check "the man page has exit codes" shows speig.1 '\.SH EXIT STATUS.*130'

options_of() # VERB: as its help lists them
{
  "$speig" help "$1" | sed -n '/^Options:/,/^Examples:/p' |
    grep -Eo '^  (-[a-zA-Z](, --[a-z-]+)?|--[a-z-]+)' | tr -d ' ' | tr ',' '\n' | sort -u
}

section_of() # VERB: its part of the man page
{
  sed -n "/^\.SH ${1^^}$/,/^\.SH /p" speig.1 | sed 's/\\-/-/g'
}

# The option stands in the man page and in the completion, and the parser knows it.
is_everywhere() # VERB OPTION
{
  section_of "$1" | grep -Eq -- "^\.B (-[a-zA-Z], )?$2( |\[|,|$)" || { echo "not in speig.1"; return 1; }
  grep -E "^ +$1\) words=" speig.bash | grep -Eq -- "[ ']$2[ ']" || { echo "not completed"; return 1; }
  "$speig" "$1" "$2" >out.txt 2>err.txt </dev/null
  ! grep -q "has no option" err.txt || { cat err.txt; return 1; }
}
for verb in $verbs; do
  count=0
  for option in $(options_of $verb); do
    check "$verb $option is in man page and completion" is_everywhere $verb "$option"
    count=$((count + 1))
  done
  check "$verb lists options" [ $count -ge 2 ]
done
check "no option of the completion is unknown to the help" \
  [ "$(grep -o ' --[a-z-]*' speig.bash | sort -u | tr -d ' ' | grep -v '^--$' | sort -u)" = \
  "$(for verb in $verbs; do options_of $verb; done | grep '^--' | sort -u)" ]
check "help of an unknown verb" ends 2 "" "no verb 'solv'; the nearest is 'solve'" help solv

completes() # EXPECTED WORD...: expected words are offered for the last of the words
{
  local expected=$1 word
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _speig
  for word in $expected; do
    [[ " ${COMPREPLY[*]} " == *" $word "* ]] && continue
    echo "offered: ${COMPREPLY[*]}, needed: $word"
    return 1
  done
}
complete() { :; } # the test has no prompt
. ./speig.bash
check "completion of verbs" completes "verify" speig ver
check "completion of files" completes "d.mtx" speig d
check "completion of options" completes "--which" speig solve d.mtx --wh
check "completion of options of the default verb" completes "--which" speig --wh
check "completion of choices" completes "LM LA" speig solve --which L
check "completion of choices after =" completes "LM LA" speig solve --which = L
check "completion of matrix kinds" completes "laplacian2d" speig generate lap
touch starfile
leaves_files_out() # WORD...
{
  completes star "$@" && [[ " ${COMPREPLY[*]} " != *" starfile "* ]]
}
check "no files where only kinds can stand" leaves_files_out speig generate star
unset -f complete

# ---- mistakes ------------------------------------------------------------------------------------
check "unknown verb, nearest named" ends 2 "" "'slove' is neither a verb nor a file.*'solve'" slove
check "unknown verb, none near" ends 2 "" "'xyzzy' is neither .*speig help" xyzzy
check "unknown option, nearest named" ends 2 "" "no option --wich; the nearest is --which" solve --wich LA d.mtx
check "a letter is near" ends 2 "" "no option --kk; the nearest is -k" solve --kk 3 d.mtx
check "a beginning is near" ends 2 "" "nearest is --max-matvecs" solve --max 3 d.mtx
check "unknown option, none near" ends 2 "" "no option --xyzzyplugh" solve --xyzzyplugh d.mtx
check "unknown letter" ends 2 "" "no option -z" solve -z d.mtx
check "k not a number" ends 2 "" "-k: found 'ten', needed a whole number" -k ten d.mtx
check "k with a tail" ends 2 "" "-k: found '3x'" -k3x d.mtx
check "k zero" ends 2 "" "-k: found '0', needed a whole number from 1 to 2147483647" -k 0 d.mtx
check "k beyond int" ends 2 "" "-k: found '2147483648'" -k 2147483648 d.mtx
check "k beyond int64" ends 2 "" "-k: found '99999999999999999999'" -k 99999999999999999999 d.mtx
check "k empty" ends 2 "" "-k: found ''" -k "" d.mtx
check "k with a blank" ends 2 "" "-k: found ' 3'" -k " 3" d.mtx
check "k missing" ends 2 "" "-k needs an argument" d.mtx -k
check "tol not a number" ends 2 "" "--tol: found 'small', needed a finite number" --tol small d.mtx
check "tol negative" ends 2 "" "--tol: found '-1'" --tol -1 d.mtx
check "tol NaN" ends 2 "" "--tol: found 'nan'" --tol=nan d.mtx
check "tol infinite" ends 2 "" "--tol: found 'inf'" --tol=inf d.mtx
check "seed negative" ends 2 "" "--seed: found '-1'" --seed=-1 d.mtx
check "seed too large" ends 2 "" "--seed: found '18446744073709551616'" --seed=18446744073709551616 d.mtx
check "memory without number" ends 2 "" "--memory: found 'lots'" --memory lots d.mtx
check "memory with a wrong suffix" ends 2 "" "--memory: found '3Q'" --memory 3Q d.mtx
check "memory negative" ends 2 "" "--memory: found '-3G'" --memory=-3G d.mtx
check "which unknown" ends 2 "" "--which: found 'XX', needed one of LM, SM, LA, SA, BE" --which XX d.mtx
check "method unknown" ends 2 "" "--method: found 'qr', needed one of auto, dense" --method qr d.mtx
check "time limit zero" ends 2 "" "--time-limit: found '0'" --time-limit 0 d.mtx
check "a flag takes no value" ends 2 "" "--csv takes no argument, found 'yes'" --csv=yes d.mtx
check "an option is not a file name" ends 2 "" "--vectors needs an argument .*found --json" --vectors --json d.mtx
check "no matrix" ends 2 "" "0 arguments found, needed: speig solve \[options\] A.mtx" solve
check "two matrices" ends 2 "" "'e.mtx' is one argument too many" solve d.mtx e.mtx
check "sigma that is no number" ends 2 "" "--sigma: found 'zero', needed a finite number" --sigma zero d.mtx
check "sigma that is not finite" ends 2 "" "--sigma: found 'inf'" --sigma=inf d.mtx
check "a mode wants a shift" ends 2 "" "--mode buckling needs a shift, --sigma" --mode buckling d.mtx
check "mode unknown" ends 2 "" "--mode: found 'x', needed one of normal, buckling, cayley" --mode x --sigma 1 d.mtx
check "buckling at 0" ends 2 "" "sigma is 0, at which mode cayley maps" --mode cayley --sigma 0 d.mtx
check "general and Hermitian" ends 2 "" "--general and --hermitian exclude" --general --hermitian d.mtx
check "left vectors of values-only" ends 2 "" "--left cannot write" --values-only --left=y.mtx --general d.mtx
check "csv and json" ends 2 "" "--csv excludes" --csv --json d.mtx
check "csv and values" ends 2 "" "--csv excludes" --csv --values-only d.mtx
check "quiet and verbose" ends 2 "" "exclude each other" -qv d.mtx
check "vectors of values-only" ends 2 "" "--values-only keeps no vectors" --values-only --vectors x.mtx d.mtx
check "vectors to stdout" ends 2 "" "--vectors needs a file" --vectors - d.mtx
check "--list takes no kind" ends 2 "" "takes no argument" generate --list path
check "help takes one thing" ends 2 "" "exclude each other" help solve --man
finish cli_usage
