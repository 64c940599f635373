#!/usr/bin/env bash
# --log: lines of JSON while a solve runs, readable however it ends.
set -u
. "$(dirname "$0")/common.sh"
"$speig" generate laplacian3d nx=12 ny=11 nz=10 -o l.mtx
"$speig" generate laplacian3d nx=40 -o large.mtx
diagonal tiny.mtx 1 2 3

# Every line is an object, and an expression over the list r of them holds.
log_holds() # FILE EXPRESSION
{
  "$python" - "$1" "$2" <<'END'
import json, math, sys
def refuse(word):
    raise ValueError("JSON holds " + word)
r = [json.loads(line, parse_constant=refuse) for line in open(sys.argv[1])]
if not eval(sys.argv[2]):
    print(sys.argv[2], "does not hold for", r[:3], r[-1])
    sys.exit(1)
END
}

check_log() # WHAT FILE EXPRESSION
{
  if [ -n "$python" ]; then check "$1" log_holds "$2" "$3"; else skip "$1" "no python3"; fi
}

solve='--method lanczos --which LA -k 4 --tol 1e-10 --seed 7 --threads 2'
check "a log beside the result" ends 0 "validated: 4 of 4" "" $solve --log run.log --json=r.json l.mtx
check_log "its first line is the problem" run.log \
  "r[0]['event'] == 'start' and r[0]['log'] == 1 and r[0]['matrix']['rows'] == 1320 and r[0]['matrix']['file'] == 'l.mtx' and r[0]['problem'] == {'kind': 'hermitian', 'k': 4, 'which': 'LA', 'sigma': None} and r[0]['dtype'] == 'd' and r[0]['tol'] == 1e-10 and r[0]['seed'] == 7 and r[0]['threads'] == 2 and r[0]['copy_gbs'] > 0.05"
check_log "its last line is the outcome" run.log \
  "[x['event'] for x in r].count('end') == 1 and {k: r[-1][k] for k in ('event', 'status', 'reason', 'converged', 'method', 'device')} == {'event': 'end', 'status': 'validated', 'reason': 'converged', 'converged': 4, 'method': 'lanczos', 'device': 'host'} and r[-1]['matvecs'] == json.load(open('r.json'))['matvecs']"
check_log "products, seconds and bytes grow between them" run.log \
  "len(r) > 4 and all(x['event'] == 'restart' for x in r[1:-1]) and all(a[k] <= b[k] for a, b in zip(r[1:], r[2:-1]) for k in ('matvecs', 'seconds', 'bytes')) and all(len(x['values']) == len(x['residuals']) == x['wanted'] for x in r[1:-1]) and {x['phase'] for x in r[1:-1]} == {'solve', 'validate'}"
# A product reads 12 bytes an entry and two vectors at least; a basis of m vectors is read twice.
check_log "bytes are those of the products and more" run.log \
  "all(x['matvecs'] * (12 * r[0]['matrix']['nnz'] + 16 * 1320) < x['bytes'] < x['matvecs'] * (12 * r[0]['matrix']['nnz'] + 16 * 1320 * 200) and abs(x['gbs'] - x['bytes'] / x['seconds'] / 1e9) < 1e-9 * x['gbs'] for x in r[1:-1])"
check_log "the last values are those of the result" run.log \
  "max(abs(a - b) for a, b in zip(sorted([x for x in r[1:-1] if x['phase'] == 'solve'][-1]['values']), json.load(open('r.json'))['eigenvalues'])) < 1e-6"
check "lobpcg" ends 0 "4 of 4" "" --method lobpcg --which SA -k 4 --tol 1e-8 --log run.log l.mtx
check_log "the time left is told and comes down to nothing" run.log \
  "(lambda e: len(e) > 5 and all(x >= 0 for x in e) and e[-1] < 0.5 * max(e))([x['eta'] for x in r[1:-1] if x['phase'] == 'solve' and x['eta'] is not None])"
check "a general problem" ends 0 "4 of 4" "" --general --method krylov-schur -k 4 --sigma 1+2i --tol 1e-8 --log run.log l.mtx
check_log "has imaginary parts and a complex shift" run.log \
  "r[0]['problem']['kind'] == 'general' and r[0]['problem']['sigma'] == [1, 2] and all(len(x['imaginary']) == x['wanted'] for x in r[1:-1]) and len(r) > 2"
check "singular values" ends 0 "3 of 3" "" svds -k 3 --method golub-kahan --tol 1e-8 --log run.log l.mtx
check_log "are told as they come" run.log \
  "r[0]['problem'] == {'kind': 'svd', 'k': 3, 'which': 'LM', 'sigma': None} and r[1]['method'] == 'golub-kahan' and r[-1]['matvecs'] >= r[-2]['matvecs']"
check "LAPACK" ends 0 "certified: 2 of 2" "" -k 2 --log run.log tiny.mtx
check_log "has a log too" run.log "r[0]['event'] == 'start' and r[-1]['status'] == 'certified'"
printf '%%%%MatrixMarket matrix coordinate real symmetric\n0 0 0\n' >empty.mtx
check "order 0" ends 0 "" "*" -k 2 --log run.log empty.mtx
check_log "has one" run.log "len(r) == 2 and r[1]['status'] == 'certified' and r[1]['wanted'] == 0"
check "too few products" ends 3 "*" "*" --method lanczos --which LA -k 4 --max-matvecs 30 --log run.log l.mtx
check_log "is said" run.log "r[-1]['status'] in ('partial', 'failed') and r[-1]['reason'] == 'max_matvecs' and r[-1]['converged'] < 4"
check "an error" ends 5 "*" "*" $solve --memory 1K --log run.log l.mtx
check_log "is the last line" run.log "r[-1]['status'] == 'error' and 'budget' in r[-1]['reason']"
"$speig" --method lobpcg --which SA -k 40 --log run.log --tol 1e-13 large.mtx >/dev/null 2>&1 &
child=$!
for _ in $(seq 200); do [ "$(wc -l <run.log 2>/dev/null || echo 0)" -ge 3 ] && break; sleep 0.1; done
kill -9 $child
wait $child 2>/dev/null
check_log "a killed run leaves whole lines" run.log "len(r) >= 3 and r[0]['event'] == 'start' and r[-1]['event'] == 'restart'"
check "a disk that is full is reported at once" ends 1 "" "cannot write /dev/full: No space" $solve --log /dev/full l.mtx
# A limit on the size of files is a disk that gets full on the way.
(trap '' XFSZ; ulimit -f 2; "$speig" $solve --log run.log l.mtx >out.txt 2>err.txt; echo $? >code.txt)
check "one that gets full costs no values" shows out.txt "validated: 4 of 4"
check "and is reported" shows err.txt "cannot write run.log: File too large; the solve goes on without it"
check "with an exit code" shows code.txt "^1 "
check "a folder that is not there" ends 1 "" "cannot write none/run.log: No such file" $solve --log none/run.log l.mtx
check "standard output is taken" ends 2 "" "--log needs a file" $solve --log - l.mtx
rm -f run.log
check "a dry run has no log" ends 0 "*" "*" --dry-run --log run.log l.mtx
check "none at all" test ! -e run.log
finish cli_log
