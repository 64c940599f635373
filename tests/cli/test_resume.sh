#!/usr/bin/env bash
# --checkpoint and --resume: limits, kills at any moment, Ctrl-C, disks that get full, foreign files.
set -u
. "$(dirname "$0")/common.sh"
"$speig" generate laplacian3d nx=12 ny=11 nz=10 -o l.mtx
"$speig" generate laplacian3d nx=24 -o large.mtx
"$speig" generate laplacian3d nx=12 ny=11 nz=9 -o other.mtx
diagonal tiny.mtx 1 2 3

values_of() # FILE OUT: the values of a result, one a line
{
  "$python" -c 'import json, sys
r = json.load(open(sys.argv[1]))
print(*(r.get("eigenvalues") or r["singular_values"]), sep="\n")' "$1" >"$2"
}

products_of() # FILE
{
  "$python" -c 'import json, sys
r = json.load(open(sys.argv[1]))
print(r["matvecs"] + (r.get("adjoint_matvecs") or 0))' "$1"
}

solve='--method lanczos --which LA -k 4 --ncv 24 --threads 2'
check "uninterrupted" ends 0 "validated: 4 of 4" "" $solve --json=whole.json --vectors x.mtx l.mtx
check "cut off by a limit" ends 3 "*" "*" $solve --max-matvecs 200 --checkpoint a.ck l.mtx
check "the file is there" test -s a.ck
check "gone on with" ends 0 "validated: 4 of 4" "" $solve --resume a.ck --checkpoint a.ck --json=resumed.json l.mtx
if [ -n "$python" ]; then
  values_of whole.json whole.txt
  values_of resumed.json resumed.txt
  check "the same values to the last bit" cmp whole.txt resumed.txt
  check "as many products in all" test "$(products_of whole.json)" = "$(products_of resumed.json)"
else
  skip "the same values" "no python3"
fi
check "a finished one, more pairs" ends 0 "validated: 6 of 6" "" --method lanczos --which LA -k 6 --ncv 24 --threads 2 --resume a.ck l.mtx
check "a finished one, on the other device" ends 0 "validated: 4 of 4.*" "" $solve --device reference --resume a.ck l.mtx
check "by method auto" ends 0 "lanczos.*4 of 4" "" --which LA -k 4 --resume a.ck l.mtx
check "singular values, cut off" ends 3 "*" "*" svds -k 3 --method golub-kahan --max-matvecs 60 --checkpoint s.ck l.mtx
check "singular values, gone on with" ends 0 "validated: 3 of 3" "" svds -k 3 --method golub-kahan --resume s.ck l.mtx
check "a general problem, cut off" ends 3 "*" "*" --general --method krylov-schur -k 3 --tol 1e-8 --max-matvecs 60 --checkpoint g.ck l.mtx
check "a general problem, gone on with" ends 0 "3 of 3" "" --general --method krylov-schur -k 3 --tol 1e-8 --resume g.ck l.mtx

# ---- kill -9 at random moments -------------------------------------------------------------------
# Restarted each time from the last file, until it ends by itself; the answer is the uninterrupted one.
long='--method lobpcg --which SA -k 8 --tol 1e-9 --threads 2'
"$speig" $long --json=whole.json large.mtx >/dev/null 2>&1
survives_kills()
{
  local turn resume= code
  rm -f k.ck
  for turn in $(seq 8); do
    "$speig" $long --checkpoint k.ck --checkpoint-every 0.02 $resume large.mtx >out.txt 2>err.txt &
    local child=$!
    sleep "0.$((RANDOM % 6 + 1))$((RANDOM % 10))"
    kill -9 $child 2>/dev/null
    wait $child 2>/dev/null
    code=$?
    [ $code -eq 0 ] || [ $code -eq 137 ] || { cat err.txt; return 1; }
    if [ -e k.ck ]; then resume='--resume k.ck'; fi
  done
  "$speig" $long $resume --json=killed.json large.mtx >out.txt 2>err.txt || { cat err.txt; return 1; }
  shows out.txt "validated: 8 of 8"
}
check "killed again and again, it ends" survives_kills
check_json "with the right values" killed.json \
  "max(abs(a - b) for a, b in zip(r['eigenvalues'], json.load(open('whole.json'))['eigenvalues'])) < 1e-8 and len(r['eigenvalues']) == 8"
rm -f ./*.part

# ---- Ctrl-C --------------------------------------------------------------------------------------
interrupted()
{
  rm -f i.ck
  # Background jobs of a script ignore Ctrl-C, so the child sets that back.
  "$python" - "$speig" $long --checkpoint i.ck --checkpoint-every 1000 large.mtx <<'END'
import signal, subprocess, sys, time
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
time.sleep(0.6)
child.send_signal(signal.SIGINT)
code = child.wait(60)
sys.exit(0 if code in (0, 130) else code)
END
  [ -s i.ck ] && "$speig" $long --resume i.ck large.mtx >out.txt 2>err.txt && shows out.txt "8 of 8"
}
if [ -n "$python" ]; then check "Ctrl-C writes a checkpoint" interrupted; else skip "Ctrl-C" "no python3"; fi

# ---- what is refused, and what is told -----------------------------------------------------------
check "of another matrix" ends 2 "" "the checkpoint a.ck belongs to another problem: its matrix is 1320 x 1320, this one 1188 x 1188" $solve --resume a.ck other.mtx
check "in another precision" ends 2 "" "a.ck holds vectors of type d, this solve works in s" $solve --precision s --resume a.ck l.mtx
check "of another which" ends 2 "" "for which LA, needed is SA" --method lanczos --which SA -k 4 --resume a.ck l.mtx
head -c 5000 a.ck >short.ck
check "truncated" ends 4 "" "short.ck is truncated or damaged" $solve --resume short.ck l.mtx
check "no checkpoint at all" ends 4 "" "l.mtx is no checkpoint of speig" $solve --resume l.mtx l.mtx
check "not there" ends 4 "" "cannot read the checkpoint none.ck: No such file" $solve --resume none.ck l.mtx
check "a folder that is not there" ends 1 "" "none/a.ck" $solve --checkpoint none/a.ck l.mtx
check "standard output is taken" ends 2 "" "--checkpoint needs a file" $solve --checkpoint - l.mtx
check "a full disk costs no values" ends 1 "validated: 4 of 4" "a checkpoint could not be written: /dev/full" $solve --checkpoint /dev/full l.mtx
cp a.ck before.ck
(trap '' XFSZ; ulimit -f 8; "$speig" $solve --resume a.ck --checkpoint a.ck l.mtx >out.txt 2>err.txt; echo $? >code.txt)
check "a file that may not grow: values" shows out.txt "validated: 4 of 4"
check "a file that may not grow: said" shows err.txt "a checkpoint could not be written: a.ck.*File too large"
check "a file that may not grow: exit code" shows code.txt "^1 "
check "a file that may not grow: the one before stays" cmp a.ck before.ck
check "LAPACK leaves nothing to go on with" ends 0 "certified: 2 of 2" "note: t.ck was not written" -k 2 --checkpoint t.ck tiny.mtx
check "and no file" test ! -e t.ck
check "asked for by name, it is refused" ends 2 "" "LAPACK solves in one go" -k 2 --method dense --checkpoint t.ck tiny.mtx
check "a guess and a checkpoint" ends 2 "" "exclude each other" $solve --resume a.ck --guess x.mtx l.mtx
finish cli_resume
