#!/usr/bin/env bash
# Solving: every exit code, every form of output, matrices at the edge of what is a matrix.
set -u
. "$(dirname "$0")/common.sh"
diagonal d.mtx 5 4 3 2 1 -9 7 6
diagonal one.mtx 42
diagonal zero.mtx 0 0 0 0
printf '%%%%MatrixMarket matrix coordinate real symmetric\n0 0 0\n' >nothing.mtx
printf '%%%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 1\n1 2 2\n2 2 1\n' >lopsided.mtx
printf '%%%%MatrixMarket matrix coordinate real general\n2 2 4\n1 1 1\n1 2 2\n2 1 2.000000000000001\n2 2 1\n' >rounded.mtx
printf '%%%%MatrixMarket matrix coordinate complex symmetric\n2 2 2\n1 1 1 0\n2 1 0 1\n' >csym.mtx
printf '%%%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 1\n' >skew.mtx
printf '%%%%MatrixMarket matrix coordinate real general\n2 3 1\n2 3 4\n' >rectangle.mtx
printf '%%%%MatrixMarket matrix coordinate complex hermitian\n2 2 3\n1 1 1 0\n2 1 0 1\n2 2 1 0\n' >pauli.mtx
"$speig" generate laplacian2d nx=60 ny=50 -o l.mtx
"$speig" generate c60 -o c60.mtx

values_are() # FILE TOLERANCE VALUE...: the numbers in the file, one per line
{
  local file=$1 tolerance=$2
  shift 2
  printf '%s\n' "$@" | paste -d ' ' "$file" - | awk -v tol="$tolerance" '
    NF != 2 || $1 - $2 > tol || $2 - $1 > tol { print "found and needed: " $0; bad = 1 }
    END { exit bad }'
}
solved() # TOLERANCE "VALUES" ARGUMENT...: values in ascending order, exit code 0
{
  local tolerance=$1 values=$2
  shift 2
  "$speig" "$@" --values-only >values.txt 2>err.txt || { cat err.txt; return 1; }
  values_are values.txt "$tolerance" $values
}

# ---- right answers -------------------------------------------------------------------------------
check "LM is the default" solved 1e-12 "-9 6 7" -k 3 d.mtx
check "LA" solved 1e-12 "5 6 7" solve -k3 --which LA d.mtx
check "SA" solved 1e-12 "-9 1" solve --which=SA -k 2 d.mtx
check "SM" solved 1e-12 "1 2" --which sm -k 2 d.mtx
check "BE takes the odd one from the high end" solved 1e-12 "-9 6 7" --which BE -k 3 d.mtx
check "six are the default" solved 1e-12 "-9 3 4 5 6 7" d.mtx
check "all" solved 1e-12 "-9 1 2 3 4 5 6 7" -k 8 d.mtx
check "order 1" solved 1e-12 "42" -k 1 one.mtx
check "the zero matrix" solved 0 "0 0" -k 2 zero.mtx
check "Hermitian" solved 1e-12 "0 2" -k 2 pauli.mtx
check "single precision" solved 1e-4 "-9 6 7" -k 3 --precision s d.mtx
check "reference device" solved 1e-12 "-9 6 7" -k 3 --device reference d.mtx
check "C60" solved 1e-12 "2.756598253860068 2.756598253860068 2.756598253860068 3" -k 4 c60.mtx
"$speig" generate laplacian2d nx=60 ny=50 --spectrum | tail -n 5 >top.txt
check "Lanczos on a Laplacian" solved 1e-9 "$(cat top.txt)" -k 5 --which LA --method lanczos l.mtx
"$speig" generate laplacian2d nx=60 ny=50 --spectrum | head -n 3 >bottom.txt
check "LOBPCG with Jacobi on a Laplacian" solved 1e-7 "$(cat bottom.txt)" -k 3 --which SA --method lobpcg --precond jacobi --tol 1e-9 l.mtx
diagonal m.mtx 1 1 1 1 1 3 1 1
check "generalized" solved 1e-10 "-3 1" -k 2 --which SA d.mtx -B m.mtx

# ---- general problems ----------------------------------------------------------------------------
# 3, then 1 +- 2i, then -0.5 +- 0.5i: blocks on the diagonal, coupled above it
cat >general.mtx <<'END'
%%MatrixMarket matrix coordinate real general
5 5 12
1 1 3
1 2 7
1 5 -4
2 2 1
2 3 2
3 2 -2
3 3 1
3 4 5
4 4 -0.5
4 5 0.5
5 4 -0.5
5 5 -0.5
END
"$speig" general.mtx -k 4 --values-only >values.txt
check "general: pairs are not split" values_are <(tr ' ' '\n' <values.txt) 1e-12 3 0 1 2 1 -2 -0.5 0.5 -0.5 -0.5
check "general: one more rather than half of a pair" ends 0 "3 of 3 pairs" "" general.mtx -k 2
check "general: imaginary parts" ends 0 " 1\.0+ \+ +2\.0+i.*2 of 2 pairs" "" general.mtx -k 1 --which LI
check "general: SR" ends 0 "-0\.50+ \+ +0\.50+i" "" general.mtx -k 1 --which SR
check "general: LA has no meaning" ends 2 "" "not Hermitian, .*--which LA has no meaning; use LM, SM, LR" general.mtx --which LA
check "Hermitian: LR is for general ones" ends 2 "" "--which LR is for general problems.*or --general" d.mtx --which LR
check "a Hermitian one as a general one" ends 0 "-9\.0+ .*certified: 2 of 2" "" --general d.mtx -k 2
check "general: lanczos" ends 2 "" "none of those for general problems" general.mtx --method lanczos
check "general: deflate" ends 2 "" "--deflate is for Hermitian problems" general.mtx --deflate general.mtx
check "general: csv" ends 0 "^index,eigenvalue,imaginary,residual,relative_residual,error_bound 1,(3|2.99999).*,0,.*nan $" "" --csv -k 1 general.mtx
check "general: single precision" ends 0 "real general.*single.*3\.00000" "" general.mtx -k 1 --precision s
check "general: krylov-schur" ends 0 "krylov-schur.*4 of 4|krylov-schur.*5 of 5" "" general.mtx -k 4 --method krylov-schur
check "Hermitian: --left" ends 2 "" "--left is for general problems" d.mtx --left
"$speig" --json -k 3 --left=y.mtx --vectors x.mtx general.mtx >g.json
check_json "general: json" g.json \
  'r["problem"]["kind"] == "general" and r["status"] == "certified" and len(r["eigenvalues"]) == 3 and all(abs(complex(*a) - b) < 1e-12 for a, b in zip(r["eigenvalues"], [3, 1+2j, 1-2j])) and r["orthogonality"] is None and len(r["conditions"]) == 3 and min(r["conditions"]) >= 1 and r["left"] == "y.mtx" and r["vectors"] == "x.mtx" and max(r["left_residuals"]) < 1e-13'
check_json "general: json: the members are the same" g.json \
  'set("speig matrix mass problem method device dtype status reason converged eigenvalues residuals relative_residuals error_bounds orthogonality matvecs solves restarts seed threads seconds memory_bytes vectors".split()) <= set(r)'
check "general: vectors are complex" shows y.mtx "matrix array complex general.* 5 3 "
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 4\n1 1 1\n1 2 1e9\n2 2 1.0001\n3 3 5\n' >touchy.mtx
check "general: an ill-conditioned one is told" ends 0 "condition.*3 of 3" "note: .*ill-conditioned.*Number [23] has condition 1\.[0-9]e\+13" touchy.mtx --left -k 3
check "general: balance" ends 0 "3 of 3" "note: small residuals mean little" touchy.mtx --balance never -k 3
printf '%%%%MatrixMarket matrix coordinate real general\n5 5 4\n1 1 1\n2 2 1\n3 3 1\n4 4 1\n' >b4.mtx
check "general: a singular B" ends 0 "with b4.mtx.*certified: 4 of 4" "note: B is singular: 1 infinite eigenvalue is left out" general.mtx -B b4.mtx -k 5
"$speig" generate convection2d nx=24 ny=20 px=0.2 py=0.1 -o wind.mtx
check "general: a complex shift" ends 0 "2 nearest to 4\+1i, krylov-schur.*validated: 2 of 2.*solves" "" wind.mtx -k 2 --sigma 4+1i
check "general: a complex shift in real arithmetic" ends 0 "nearest to 4\+1i.*3 of 3" "" wind.mtx -k 3 --sigma 4+i --part real
check "general: an imaginary shift" ends 0 "nearest to 0-2i.*1 of 1" "" wind.mtx -k 1 --sigma=-2i
"$speig" wind.mtx -k 2 --sigma 4+1i --json >shift.json
check_json "general: json of a shift" shift.json 'r["problem"]["sigma"] == [4, 1] and r["shift"] == [4, 1] and r["transform"] == "shift" and r["factorizations"] == 1 and r["solves"] > 0'
check "general: not a shift" ends 2 "" "--sigma: found '4\+1', needed a finite number a, bi or a\+bi" wind.mtx --sigma 4+1
check "general: mode" ends 2 "" "--mode is for Hermitian problems" wind.mtx --sigma 4 --mode cayley
check "Hermitian: a complex shift" ends 2 "" "--sigma 1\+2i is complex" d.mtx --sigma 1+2i
check "general: dry run" ends 0 "n = 5, 2 eigenvalues of largest real part.*method +dense.*why" "" --dry-run -k 2 --which LR general.mtx

# ---- forms of output -----------------------------------------------------------------------------
check "the table" ends 0 "d.mtx: real symmetric, 8 x 8.*3 largest, dense.*eigenvalue +residual +error bound.* 3 +7\.0000000000000.*certified: 3 of 3 pairs" "" -k 3 --which LA d.mtx
check "quiet: rows alone" ends 0 "^ +1 +6\.0+ [-+e. 0-9]* 2 +7\.0+ [-+e. 0-9]*$" "" -q -k 2 --which LA d.mtx
check "csv" ends 0 "^index,eigenvalue,residual,relative_residual,error_bound 1,6,[^ ]* 2,7,[^ ]* $" "" --csv -k 2 --which LA --method dense d.mtx
check "verbose tells on stderr" ends 0 "certified" "d.mtx: real symmetric.*\|A\| about.*setup" -v -k 1 d.mtx
check "explain tells on stderr" ends 0 "certified" "method +dense.*why" --explain -k 1 d.mtx
check "dry run solves nothing" ends 0 "method +dense on host.*why.*limits.*cost[^#]*$" "" --dry-run -k 1 d.mtx
check "seventeen digits" ends 0 "2.61803398874989[0-9][0-9]" "" --values-only --which SA -k 1 c60.mtx
"$speig" --json -k 3 --which BE --seed 7 --threads 2 d.mtx >r.json
check_json "json: the problem" r.json \
  'r["matrix"] == {"file": "d.mtx", "rows": 8, "cols": 8, "nnz": 8, "field": "real", "symmetry": "symmetric"} and r["mass"] is None and r["problem"]["kind"] == "hermitian" and r["problem"]["k"] == 3 and r["problem"]["which"] == "BE" and r["problem"]["sigma"] is None and r["seed"] == 7'
check_json "json: the answer" r.json \
  'r["status"] == "certified" and r["reason"] == "converged" and r["converged"] == 3 and max(abs(a - b) for a, b in zip(r["eigenvalues"], [-9, 6, 7])) < 1e-12 and len(r["residuals"]) == len(r["relative_residuals"]) == len(r["error_bounds"]) == 3 and r["orthogonality"] < 1e-13 and r["dtype"] == "d" and r["method"] == "dense" and r["device"] == "host"'
check_json "json: all members" r.json \
  'set("speig matrix mass problem method device dtype status reason converged eigenvalues residuals relative_residuals error_bounds orthogonality matvecs solves restarts seed threads seconds memory_bytes vectors".split()) <= set(r) and set(r["seconds"]) == {"read", "setup", "solve", "certify"}'
"$speig" help --man | sed -n '/^\.SH RESULT FILE$/,/^\.SH /s/^\.B //p' >members.txt
check_json "json: the man page describes every member" r.json \
  'set(open("members.txt").read().replace("\\-", "-").split()) == set(r)'
check "json beside the table" ends 0 "certified" "" --json=side.json -k 2 d.mtx
check_json "the file holds the result" side.json 'r["converged"] == 2'
"$speig" --json --dry-run -k 2 l.mtx >plan.json
check_json "json of a plan" plan.json 'r["plan"]["n"] == 3000 and r["plan"]["k"] == 2 and r["plan"]["why"] != ""'
cp d.mtx $'odd "name"\t\xff.mtx'
"$speig" --json $'odd "name"\t\xff.mtx' >odd.json
check_json "json of an odd name" odd.json 'r["matrix"]["file"] == "odd \"name\"\t\ufffd.mtx"'
check "progress lines" ends 0 "pairs" "speig: lanczos.* of 2 converged.*needed.*products" --progress=always -k 2 --method lanczos l.mtx
check "no progress line where there is no terminal" ends 0 "pairs" "" -k 2 --method lanczos l.mtx

# ---- vectors -------------------------------------------------------------------------------------
check "vectors as Matrix Market" ends 0 "certified" "" --vectors x.mtx -k 2 --which LA d.mtx
check "they are an array" shows x.mtx "matrix array real general.* 8 2 "
check "vectors compressed" ends 0 "certified" "" --vectors x.mtx.gz -k 2 d.mtx
check "they are compressed" gzip -t x.mtx.gz
check "vectors for NumPy" ends 0 "certified" "" --vectors x.npy -k 2 --which LA d.mtx
"$speig" --vectors z.npy -k 2 pauli.mtx >/dev/null
if [ -n "$python" ] && "$python" -c 'import numpy' 2>/dev/null; then
  check "NumPy reads them" "$python" -c 'import numpy as np
x = np.load("x.npy"); assert x.shape == (8, 2) and x.dtype == "f8" and x.flags.f_contiguous
assert abs(x[7, 0] - 1) < 1e-14 and abs(x[6, 1] - 1) < 1e-14, x
z = np.load("z.npy"); assert z.dtype == "c16"
A = np.array([[1, -1j], [1j, 1]]); assert abs(A @ z - z * [0, 2]).max() < 1e-14'
  "$python" -c 'import numpy as np
np.save("guess.npy", np.load("x.npy")[:, ::-1].copy(order="C"))'
  check "a guess in C order is read" ends 0 "pairs" "no check could tell" --guess guess.npy --method lobpcg -k 1 --which LA d.mtx
else
  skip "NumPy reads them" "no NumPy"
fi
check "vectors that cannot be written do not cost the values" ends 1 "certified" "absent/x.mtx" --vectors absent/x.mtx -k 2 d.mtx
check "npy that cannot be written" ends 1 "certified" "cannot write absent/x.npy" --vectors absent/x.npy -k 2 d.mtx
check "json that cannot be written" ends 1 "certified" "cannot write absent/r.json" --json=absent/r.json -k 2 d.mtx
check "deflation" solved 1e-8 "4 5" -k 2 --which LA --deflate x.mtx d.mtx
printf '%%%%MatrixMarket matrix array real general\n2 1\n1\n1\n' >short.mtx
check "guess with too few rows" ends 2 "" "invalid argument: .*2" --guess short.mtx --method lobpcg -k 1 d.mtx
check "complex guess of a real problem" ends 2 "" "z.npy: entry .* has imaginary part" --guess z.npy -k 1 rounded.mtx
check "guess that is not there" ends 4 "" "absent.mtx" --guess absent.mtx -k 1 d.mtx

# ---- traps ---------------------------------------------------------------------------------------
check "k > n: all, with a note" ends 0 "certified: 1 of 1 pairs" "note: 6 pairs wanted, but the order is 1" one.mtx
check "k > n, quiet: no note" ends 0 "42" "" -q one.mtx
check "n = 0: nothing" ends 0 "" "" nothing.mtx
"$speig" --json nothing.mtx >nothing.json
check_json "n = 0: json" nothing.json 'r["eigenvalues"] == [] and r["converged"] == 0 and r["matrix"]["rows"] == 0'
check "not Hermitian: a general problem" ends 0 "lopsided.mtx: real general.*certified: 2 of 2 pairs" "note: small residuals mean little" lopsided.mtx -k 2
check "not Hermitian: its Hermitian part" ends 0 "2 of 2 pairs" "note: .*Hermitian part" --hermitian lopsided.mtx -k 2
check "Hermitian part" solved 1e-13 "0 2" --hermitian -k 2 lopsided.mtx
check "Hermitian up to rounding" ends 0 "certified: 2 of 2" "note: rounded.mtx is Hermitian up to rounding.*[0-9]e-16" -k 2 rounded.mtx
check "complex symmetric is not Hermitian" ends 0 "0\.50+ - +0\.86602540378444i.*0\.50+ \+ +0\.86602540378444i" "" csym.mtx -k 2 --which SI
check "skew-symmetric is not Hermitian" ends 0 "0\.0+ \+ +1\.0+i.*0\.0+ - +1\.0+i" "" skew.mtx -k 2
check "verbose tells how far it is from Hermitian" ends 0 "certified" "lopsided.mtx is not Hermitian: .*general problem" -v lopsided.mtx -k 2
check "rectangular" ends 2 "" "rectangle.mtx is 2 x 3; eigenvalues need a square matrix" rectangle.mtx
check "mass of another order" ends 2 "" "c60.mtx has order 60, but d.mtx has order 8" d.mtx -B c60.mtx
check "mass not definite" ends 1 "" "numerical failure|positive definite" d.mtx -B d.mtx
check "basis too small" ends 2 "" "invalid argument: " --ncv 2 -k 5 --method lanczos l.mtx
check "an option the method cannot honour" ends 2 "" "not supported: |invalid argument: " --ncv 20 --method lobpcg l.mtx
check "a preconditioner the method cannot honour" ends 2 "" "not supported: |invalid argument: " --precond jacobi --method lanczos l.mtx
check "fewer than wanted" ends 3 "0 of 4|[1-3] of 4" "of 4 pairs meet the tolerance.*max_matvecs" -k 4 --which SA --method lanczos --max-matvecs 40 l.mtx
check "out of time" ends 3 "of 40 pairs .time_limit." "of 40 pairs meet.*time_limit" -k 40 --which SM --method lanczos --time-limit 0.02 l.mtx
check "over the budget" ends 5 "" "out of memory: " --memory 1K -k 4 l.mtx
export SPEIG_CUDA_DRIVER=libno_such_driver.so # as on a machine without a device
check "device absent" ends 6 "" "device unavailable: .*CUDA" --device cuda d.mtx
unset SPEIG_CUDA_DRIVER
check "standard input" solved 1e-12 "7" --which LA -k 1 - < d.mtx

interrupted()
{
  "$speig" generate laplacian2d nx=300 ny=300 -o big.mtx || return 1
  "$speig" -k 40 --which SM --method lanczos --tol 1e-14 --max-matvecs 100000000 --progress=always \
    big.mtx >out.txt 2>err.txt &
  local pid=$! code tries=0
  until grep -q converged err.txt || [ $tries -gt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -INT $pid
  wait $pid
  code=$?
  [ $code -eq 130 ] && shows out.txt "partial|failed" && shows err.txt "interrupted: [0-9]+ of 40" && return
  echo "exit code $code"; cat out.txt; tail -n 5 err.txt
  return 1
}
killed_by_two() # the dense solver cannot stop half-way
{
  "$speig" generate laplacian2d nx=50 ny=50 -o dense.mtx || return 1
  "$speig" --method dense --explain dense.mtx >out.txt 2>err.txt &
  local pid=$! code tries=0
  until grep -q "method  *dense" err.txt || [ $tries -gt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -INT $pid
  until grep -q "Ctrl-C again" err.txt || [ $tries -gt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -INT $pid
  wait $pid
  code=$?
  [ $code -eq 130 ] && shows err.txt "Ctrl-C again" && shows out.txt "" && return
  echo "exit code $code"; cat out.txt err.txt
  return 1
}
# A background job of a shell without job control ignores SIGINT, unless it says otherwise.
set -m
check "Ctrl-C: what was found is printed, code 130" interrupted
check "a second Ctrl-C ends at once" killed_by_two
set +m

# Shifts: d.mtx holds 5 4 3 2 1 -9 7 6. At that order LAPACK computes everything; l.mtx is factored
# where the module for that is there.
check "nearest to a shift" solved 1e-12 "1 2" -k 2 --sigma 1.4 d.mtx
check "above a shift" solved 1e-12 "5 6" -k 2 --sigma 4.5 --which LA d.mtx
check "below a shift" solved 1e-12 "3 4" -k 2 --sigma 4.5 --which SA d.mtx
check "around a shift" solved 1e-12 "4 5 6" -k 3 --sigma 4.5 --which BE d.mtx
check "farthest from a shift" solved 1e-12 "-9 7" -k 2 --sigma 1 --which SM d.mtx
check "a shift that is an eigenvalue" solved 1e-12 "2 3 4" -k 3 --sigma 3 d.mtx
check "a negative shift" solved 1e-12 "-9" -k 1 --sigma=-7 d.mtx
check "mode cayley" solved 1e-12 "3 4" -k 2 --sigma 3.6 --mode cayley d.mtx
check "header and JSON name the shift" ends 0 "2 nearest to 1.4" "" -k 2 --sigma 1.4 --json=s.json d.mtx
check "verify does not take a shift for magnitudes" ends 0 "*" "of a solve with a shift: missed" verify d.mtx s.json
check_json "JSON of a shift" s.json 'r["problem"]["sigma"] == 1.4 and r["problem"]["mode"] == "normal" and r["transform"] == "none" and r["shift"] is None'
if "$speig" l.mtx -k 4 --sigma 0 --method lanczos --json=s.json >/dev/null 2>&1; then
  check_json "shift-invert" s.json 'r["status"] == "certified" and r["transform"] == "shift" and r["shift"] == 0 and r["solves"] > 4 and r["factorizations"] == 2 and abs(r["eigenvalues"][0] - (4 - 2*math.cos(math.pi/61) - 2*math.cos(math.pi/51))) < 1e-13'
  check "speig explains" ends 0 "*" "shift-invert at 0, moved .* factors by (MUMPS|CHOLMOD) .* numbers" --explain --which SM -k 2 l.mtx
  check "a budget without room for the factors" ends 5 "" "the budget is|of the budget of" --sigma 0 --memory 3M --method lanczos l.mtx
else
  skip "shift-invert" "no module mumps"
fi

"$speig" generate convection2d nx=80 ny=80 -o conv.mtx
check "general: no factors that outlast the time limit" ends 3 "\(time_limit\); [0-9]+ products, [0-9.]+ s" "time_limit" conv.mtx -k 4 --which SM --time-limit 0.002
finish cli_solve
