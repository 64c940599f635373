#!/usr/bin/env bash
# Counting: numbers, ranges at eigenvalues, exit codes, JSON.
set -u
. "$(dirname "$0")/common.sh"
"$speig" generate laplacian2d nx=20 ny=20 -o l.mtx
"$speig" generate laplacian2d nx=20 ny=20 --spectrum >l.txt
diagonal d.mtx 5 4 3 2 1 -9 7 6
diagonal m.mtx 1 1 1 1 1 3 1 1
diagonal hole.mtx 1 0 1 1 1 1 1 1
diagonal wrong.mtx 1 -1 1 1 1 1 1 1
printf '%%%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 1\n1 2 2\n2 2 1\n' >lopsided.mtx
printf '%%%%MatrixMarket matrix coordinate real symmetric\n0 0 0\n' >nothing.mtx
printf '%%%%MatrixMarket matrix coordinate complex hermitian\n2 2 3\n1 1 1 0\n2 1 0 1\n2 2 1 0\n' >pauli.mtx

counted() # NUMBER ARGUMENT...: that number, exit code 0
{
  local number=$1
  shift
  ends 0 "^$number *$" "" count --quiet "$@"
}
number_in() { awk -v a="$1" -v b="$2" '$1 >= a && $1 <= b { n++ } END { print n + 0 }' l.txt; }

if ! ends 0 "*" "*" count l.mtx --below 3.3 >/dev/null 2>&1; then
  skip "counting" "no factorization at hand"
  finish cli_count
  exit
fi
check "an interval" counted "$(number_in 1.1 2.5)" l.mtx --interval 1.1,2.5
check "below" counted "$(number_in -1 3.3)" l.mtx --below 3.3
check "above" counted "$(number_in 3.3 9)" l.mtx --interval 3.3,inf
check "nothing there" counted 0 l.mtx --interval=-3,-1
check "everything" counted 400 l.mtx --interval=-inf,inf
check "single precision" counted "$(number_in 1.1 2.5)" l.mtx --interval 1.1,2.5 --precision s
check "Hermitian" counted 1 pauli.mtx --interval 1,3
check "generalized" counted 1 d.mtx -B m.mtx --interval=-3.5,-2.5
check "singular B, finite ends" counted 6 d.mtx -B hole.mtx --interval=0.5,8
check "singular B, nothing far below" ends 2 "" "two finite ends" count d.mtx -B hole.mtx --interval 0,inf
check "order 0" counted 0 nothing.mtx --interval 0,1
check "the table" ends 0 "eigenvalues in \[1.1, 2.5\]: $(number_in 1.1 2.5) .*proven: inertia, [0-9]+ factorizations" "" count l.mtx --interval 1.1,2.5
# 4 is an eigenvalue 20 times
check "an eigenvalue on an end" ends 3 "eigenvalues in \[4, 5\]: 68 to 88 .*low end 4: 20 eigenvalues lie within .*\[3.999999999[0-9]+, 5\], cuts moved: 88" \
  "equal an end" count l.mtx --interval 4,5
check "the same, the number alone" ends 3 "^68 to 88 *$" "equal an end" count -q l.mtx --interval 4,5
"$speig" count l.mtx --interval 4,5 --json >on.json 2>err.txt
check_json "JSON of a range" on.json \
  'r["count"] == 88 and r["least"] == 68 and not r["exact"] and r["low"]["doubtful"] == 20 and r["low"]["proven"] and 3.99 < r["low"]["used"] < 4 and r["high"]["doubtful"] == 0 and r["high"]["used"] == 5'
"$speig" count d.mtx -B m.mtx --below 4.5 --json >off.json
check_json "JSON of a number" off.json \
  'r["count"] == r["least"] == 5 and r["exact"] and r["low"]["asked"] is None and r["method"] == "inertia" and r["mass"]["file"] == "m.mtx" and r["factorizations"] > 0'

check "not Hermitian" ends 2 "" "not Hermitian" count lopsided.mtx --below 1
check "its Hermitian part" ends 0 "^1 *$" "" count -q lopsided.mtx --hermitian --below 1
check "B that is not semidefinite" ends 1 "" "not positive semidefinite" count d.mtx -B wrong.mtx --below 1
check "nothing asked" ends 2 "" "what to count" count l.mtx
check "both asked" ends 2 "" "exclude each other" count l.mtx --interval 1,2 --below 3
check "ends in the wrong order" ends 2 "" "needed a,b with a <= b" count l.mtx --interval 2,1
for text in nan,1 1,nan 1 1, ,1 1,2,3 "1, 2" a,b ""; do
  check "--interval '$text'" ends 2 "" "--interval: found" count l.mtx --interval "$text"
done
check "--interval inf,inf" ends 2 "" "no eigenvalue is infinite" count l.mtx --interval inf,inf
check "--below nan" ends 2 "" "needed a number" count l.mtx --below nan
check "an estimate" ends 0 "about [0-9]+ [+]- .*estimate: 30 random vectors, degree [0-9]+, " "" count l.mtx --interval 1.1,2.5 --estimate
"$speig" count l.mtx --interval 1.1,2.5 --estimate --vectors 12 --degree 80 --json >est.json
check_json "JSON of an estimate" est.json \
  "r['vectors'] == 12 and r['degree'] == 80 and abs(r['estimate'] - $(number_in 1.1 2.5)) <= 2 * r['error'] and r['method'] == 'estimate' and not r['exact']"
check "--vectors without --estimate" ends 2 "" "go with --estimate" count l.mtx --below 3 --vectors 9
check "--estimate with B" ends 2 "" "without -B" count d.mtx -B m.mtx --below 3 --estimate
check "a budget that does not do" ends 5 "" "out of memory" count l.mtx --below 3.3 --memory 10K

# ---- solve --interval ----------------------------------------------------------------------------
found() # NUMBER TOLERANCE LOW HIGH ARGUMENT...: those eigenvalues of l.mtx, certified
{
  local number=$1 tolerance=$2 low=$3 high=$4
  shift 4
  "$speig" l.mtx --interval="$low,$high" "$@" >table.txt 2>err.txt || { cat err.txt; return 1; }
  shows table.txt "certified: $number of $number pairs" || return 1
  "$speig" l.mtx --interval="$low,$high" --values-only "$@" 2>err.txt | paste -d ' ' - <(
    awk -v a="$low" -v b="$high" '$1 >= a && $1 <= b' l.txt) |
    awk -v t="$tolerance" -v n="$number" 'NF != 2 || $1 - $2 > t || $2 - $1 > t { bad = 1 }
      END { exit bad || NR != n }'
}
check "all in an interval, by LAPACK" found "$(number_in 1.1 2.5)" 1e-12 1.1 2.5
check "all in an interval, by slices" found "$(number_in 1.1 2.5)" 1e-12 1.1 2.5 --method lanczos --certify always
check "twenty equal ones" found "$(number_in 3.99 4.01)" 1e-12 3.99 4.01 --method lanczos --certify always
probed() # NUMBER LOW HIGH: those eigenvalues of l.mtx, validated
{
  "$speig" l.mtx --interval="$2,$3" --method filter >table.txt 2>err.txt || { cat err.txt; return 1; }
  shows table.txt "filter, double.*validated: $1 of $1 pairs"
}
check "all in an interval, by products" probed "$(number_in 1.1 2.5)" 1.1 2.5
check "none, by products" probed 0 10 inf
check "filter without an interval" ends 2 "" "none was given" l.mtx --method filter
check "filter with B" ends 2 "" "there is a B" d.mtx -B m.mtx --interval 0.5,3.5 --method filter
check "filter, stopped" ends 3 "partial|failed" "max_matvecs" l.mtx --interval 1.1,2.5 --method filter --max-matvecs 4000
check "filter, the plan" ends 0 "method filter" "" l.mtx --interval 1.1,2.5 --method filter --dry-run
"$speig" l.mtx --interval 1.1,2.5 --method filter --json >fi.json
check_json "JSON of a filter" fi.json \
  "r['method'] == 'filter' and r['status'] == 'validated' and r['proven'] is None and r['wanted'] == $(number_in 1.1 2.5) and abs(r['estimate'] - r['wanted']) <= r['estimate_error'] and r['factorizations'] == 0"
"$speig" generate laplacian2d nx=120 ny=120 -o large.mtx
check "stopped before anything was counted" ends 3 "failed: 0 of 0 pairs" "were not counted.*time_limit" large.mtx --interval 3.9,4.3 --time-limit 0.001
check "none" ends 0 "all in \[10, inf\).*certified: 0 of 0 pairs" "" l.mtx --interval 10,inf
check "an end on an eigenvalue is told" ends 0 "certified" "equal an end of the interval" l.mtx --interval 4,4.5 --method lanczos --certify always
check "generalized, all in an interval" ends 0 "certified: 3 of 3 pairs" "" d.mtx -B m.mtx --interval 0.5,3.5
"$speig" l.mtx --interval 1.1,2.5 --json >iv.json
check_json "JSON of an interval" iv.json \
  'r["problem"]["interval"] == [1.1, 2.5] and r["interval"] == [1.1, 2.5] and r["proven"] == [1.1, 2.5] and r["status"] == "certified" and len(r["eigenvalues"]) == r["wanted"]'
"$speig" d.mtx -k 2 --json >k.json
check_json "JSON without one" k.json 'r["problem"]["interval"] is None and r["interval"] is None and r["proven"] is None'
check "the plan of an interval" ends 0 "eigenvalues: all in \[1.1, 2.5\]" "" l.mtx --interval 1.1,2.5 --dry-run
for option in "-k 3" "--sigma 1" "--which LA" "--ncv 30" "--general"; do
  check "--interval with $option" ends 2 "" "$option does not go with it|${option%% *} does not go with it" l.mtx --interval 1,2 $option
done
check "--interval of a general matrix" ends 2 "" "interval does not hold them" lopsided.mtx --interval 1,2
check "solve --interval 2,1" ends 2 "" "needed a,b with a <= b" l.mtx --interval 2,1
finish cli_count
