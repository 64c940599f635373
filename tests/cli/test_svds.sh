#!/usr/bin/env bash
# Singular values: shapes, forms of output, files of vectors, exit codes.
set -u
. "$(dirname "$0")/common.sh"
mm='%%MatrixMarket matrix coordinate real general'
# singular values 5, 4, 2, 0 and 5, 4, 2 (an entry of -4 has the value 4)
printf '%s\n4 4 3\n1 2 5\n2 1 -4\n4 4 2\n' "$mm" >square.mtx
printf '%s\n5 3 3\n5 2 5\n2 1 -4\n4 3 2\n' "$mm" >tall.mtx
printf '%s\n3 5 3\n2 5 5\n1 2 -4\n3 4 2\n' "$mm" >wide.mtx
printf '%s\n3 2 0\n' "$mm" >zero.mtx
printf '%s\n0 2 0\n' "$mm" >empty.mtx
printf '%s\n1 3 2\n1 1 3\n1 3 4\n' "$mm" >row.mtx
printf '%%%%MatrixMarket matrix coordinate complex general\n2 3 2\n1 2 0 3\n2 3 0.6 0.8\n' >complex.mtx
"$speig" generate laplacian2d nx=40 ny=30 -o l.mtx

values_are() # "VALUES" ARGUMENT...: in this order, to 1e-6
{
  local values=$1
  shift
  "$speig" svds "$@" --values-only >values.txt 2>err.txt || { cat err.txt; return 1; }
  printf '%s\n' $values | paste -d ' ' values.txt - | awk '
    NF != 2 || $1 - $2 > 1e-6 || $2 - $1 > 1e-6 { print "found and needed: " $0; bad = 1 }
    END { exit bad }'
}

check "square, descending" values_are "5 4" -k 2 square.mtx
check "square, the smallest, ascending" values_are "0 2 4" -k 3 --which SM square.mtx
check "tall" values_are "5 4 2" -k 3 tall.mtx
check "wide" values_are "2 4" -k 2 --which sm wide.mtx
check "golub-kahan" values_are "5 4" -k 2 --method golub-kahan wide.mtx
check "zero" values_are "0 0" -k 2 zero.mtx
check "a row" values_are "5" -k 1 row.mtx
check "complex" values_are "3 1" -k 2 complex.mtx
check "single precision" values_are "3 1" -k 2 --precision s complex.mtx
check "reference" values_are "5 4" -k 2 --device reference --method golub-kahan tall.mtx
"$speig" generate laplacian2d nx=40 ny=30 --spectrum | tail -n 4 | tac >top.txt
check "a Laplacian" values_are "$(cat top.txt)" -k 4 --method golub-kahan l.mtx
"$speig" generate laplacian2d nx=40 ny=30 --spectrum | head -n 3 >bottom.txt
check "a Laplacian, the smallest" values_are "$(cat bottom.txt)" -k 3 --which SM --method golub-kahan l.mtx

check "the table" ends 0 "tall.mtx: real general, 5 x 3, 3 entries; 2 largest singular values, dense, double, host.*singular value +\|A v - s u\| +\|A'u - s v\| +error bound +1 +5\.0000000000000.*certified: 2 of 2 triplets \(converged\)" "" svds -k 2 tall.mtx
check "more than there are" ends 0 "certified: 3 of 3" "note: 6 triplets wanted, but there are 3" svds wide.mtx
check "none there are" ends 0 "certified: 0 of 0" "note: 6 triplets wanted, but there are 0" svds empty.mtx
check "quiet" ends 0 "^ +1 +5\.0+ [-+e. 0-9]*$" "" svds -q -k 1 tall.mtx
check "csv" ends 0 "^index,singular_value,residual,adjoint_residual,relative_residual,error_bound 1,5,[^ ]* $" "" svds --csv -k 1 tall.mtx
check "verbose" ends 0 "certified" "\|A\| about 5.*products with A, .*with its adjoint" svds -v -k 1 tall.mtx
"$speig" svds -k 2 --json=r.json --vectors x.mtx tall.mtx >/dev/null 2>&1
check_json "json: the values" r.json \
  "r['problem'] == {'kind': 'svd', 'k': 2, 'which': 'LM'} and abs(r['singular_values'][0] - 5) < 1e-12 and r['status'] == 'certified'"
check_json "json: the rest" r.json \
  "r['left_vectors'] == 'x.u.mtx' and r['right_vectors'] == 'x.v.mtx' and len(r['residuals']) == len(r['adjoint_residuals']) == 2 and r['orthogonality'] < 1e-14 and r['matrix']['rows'] == 5 and r['matvecs'] >= 2 and r['adjoint_matvecs'] >= 2"
"$speig" help --man | sed -n '/^\.SH RESULT FILE$/,/^\.SH EXIT/s/^\.B //p' >members.txt
check_json "json: the man page describes every member" r.json \
  'set(r) <= set(open("members.txt").read().replace("\\-", "-").split())'
check "left vectors" shows x.u.mtx "matrix array real general.* 5 2 "
check "right vectors" shows x.v.mtx "matrix array real general.* 3 2 "
"$speig" svds -k 1 --left u.npy --right v.mtx.gz tall.mtx >/dev/null 2>&1
check "one file each" test -s u.npy -a -s v.mtx.gz
check "a guess of left vectors" values_are "5 4" -k 2 --method golub-kahan --guess x.u.mtx tall.mtx
check "a guess of the wrong length" ends 2 "" "guess has 3 rows" svds -k 2 --guess x.v.mtx square.mtx
check "dry run" ends 0 "tall.mtx, 5 x 3, 2 smallest singular values.*method +dense on host.*why" "" svds --dry-run -k 2 --which SM tall.mtx
check "explain" ends 0 "certified" "basis +[0-9]+ vectors on each side|method +dense" svds --explain -k 2 tall.mtx
check "limits" ends 3 "(partial|failed): [01] of 3" "of 3 triplets meet the tolerance.*max_matvecs" svds -k 3 --method golub-kahan --ncv 10 --max-matvecs 30 l.mtx
check "ncv without golub-kahan" ends 2 "" "ncv = 10 is an option of method golub-kahan" svds --ncv 10 --method dense l.mtx
check "LA" ends 2 "" "LA" svds --which LA l.mtx
check "vectors and left" ends 2 "" "--vectors names both files" svds --vectors x.mtx --left u.mtx l.mtx
check "no vectors with values only" ends 2 "" "--values-only keeps no vectors" svds --vectors x.mtx --values-only l.mtx
check "memory" ends 5 "" "the budget is 1024" svds --memory 1K l.mtx
check "a missing file" ends 4 "" "none.mtx" svds none.mtx
# ---- verified ------------------------------------------------------------------------------------
check "verify: values and vectors" ends 0 "right .*2 of 2 triplets are right, 0 LM singular values missed; .*U.H U - I.*compared with LAPACK" "" verify tall.mtx r.json
check "verify: residuals alone" ends 0 "2 of 2 triplets are right, missed ones not looked for.*residuals only" "" verify --dense-limit 0 tall.mtx r.json
mkdir -p elsewhere && cp r.json x.u.mtx x.v.mtx elsewhere/
(cd / && "$speig" verify "$OLDPWD/tall.mtx" "$OLDPWD/elsewhere/r.json" >"$OLDPWD/out.txt" 2>&1)
check "verify: vectors beside the result" shows out.txt "2 of 2 triplets are right"
"$speig" verify --json tall.mtx r.json >v.json 2>/dev/null
check_json "verify: json" v.json \
  "r['right'] == 2 and r['missed'] == 0 and r['verdicts'] == ['right', 'right'] and max(r['adjoint_residuals']) < 1e-13"
sed 's/"singular_values": \[[^,]*,/"singular_values": [4.5,/' r.json >wrong.json
check "verify: a wrong value" ends 7 "bad residual.*1 of 2 triplets are right, 1 LM singular value missed" "" verify tall.mtx wrong.json
check "verify: of another matrix" ends 2 "" "x.u.mtx is 5 x 2, needed 3 x 2" verify wide.mtx r.json
check "verify: no mass" ends 2 "" "singular values: -B" verify -B square.mtx tall.mtx r.json
check "verify: which" ends 2 "" "LM or SM" verify --which LA tall.mtx r.json
"$speig" svds -k 2 --which SM --json=r.json square.mtx >/dev/null 2>&1
check "verify: values alone" ends 0 "2 of 2 triplets are right, 0 SM" "" verify square.mtx r.json
check "verify: values too many to compare" ends 2 "" "names no vectors" verify --dense-limit 0 square.mtx r.json
"$speig" svds -k 2 --json=r.json --right v.mtx tall.mtx >/dev/null 2>&1
check "verify: one side alone" ends 2 "" "right vectors alone" verify tall.mtx r.json
"$speig" svds -k 3 --method golub-kahan --ncv 10 --max-matvecs 30 --json=r.json l.mtx >/dev/null 2>&1
check_json "json: what did not converge" r.json \
  "len(r['unconverged_values']) == len(r['unconverged_residuals']) == 3 - r['converged'] and 7 < max(r['unconverged_values']) < 8"
check "help" ends 0 "Usage: speig svds .*golub-kahan" "" svds --help
finish cli_svds
