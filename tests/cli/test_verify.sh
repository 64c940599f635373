#!/usr/bin/env bash
# verify: right pairs pass, planted errors of every kind are found, bad files are told.
set -u
. "$(dirname "$0")/common.sh"
diagonal d.mtx 5 4 3 2 1 -9 7 6
diagonal m.mtx 1 1 1 1 1 3 1 1
diagonal twice.mtx 1 2 2 3
printf '6\n7\n' >top.txt
cat >top.mtx <<'END'
%%MatrixMarket matrix array real general
8 2
0
0
0
0
0
0
0
1
0
0
0
0
0
0
1
0
END

# ---- pairs from elsewhere ------------------------------------------------------------------------
check "right pairs" ends 0 "right .* 2 of 2 pairs are right, 0 LA eigenvalues missed.*compared with LAPACK" "" verify d.mtx --values top.txt --vectors top.mtx --which LA
check "values alone" ends 0 "2 of 2 pairs are right, 0 LA" "" verify d.mtx --values top.txt --which LA
check "which not told" ends 0 "missed ones not looked for" "" verify d.mtx --values top.txt
sed 's/^1$/-1000/' top.mtx >scaled.mtx
check "vectors not normalised" ends 0 "2 of 2" "" verify d.mtx --values top.txt --vectors scaled.mtx
check "residuals alone" ends 0 "2 of 2 pairs are right, missed ones not looked for.*no LAPACK" "note: .*above --dense-limit 4" verify d.mtx --values top.txt --vectors top.mtx --which LA --dense-limit 4
printf '# comment\n5\n\n7\n' >gap.txt
check "a missed eigenvalue" ends 7 "missed: 6 .*1 LA eigenvalue missed" "" verify d.mtx --values gap.txt --which LA
printf '6\n7.5\n' >wrong.txt
check "a wrong value" ends 7 "wrong value.*1 of 2" "" verify d.mtx --values wrong.txt
check "a wrong value by its residual" ends 7 "bad residual.*1 of 2" "" verify d.mtx --values wrong.txt --vectors top.mtx --dense-limit 0
printf '2\n2\n2\n' >thrice.txt
check "one copy too many" ends 7 "wrong value.*2 of 3" "" verify twice.mtx --values thrice.txt
printf '2\n2\n' >copies.txt
check "a double eigenvalue" ends 0 "2 of 2" "" verify twice.mtx --values copies.txt
printf '%%%%MatrixMarket matrix array real general\n4 2\n0\n1\n0\n0\n0\n1\n0\n0\n' >same.mtx
check "the same vector twice" ends 7 "duplicate.*1 of 2" "" verify twice.mtx --values copies.txt --vectors same.mtx
printf '%%%%MatrixMarket matrix array real general\n2 1\n6\n7\n' >v.mtx
check "values in a Matrix Market file" ends 0 "2 of 2" "" verify d.mtx --values v.mtx --which LA
through_pipe() # FILE: the values come through a pipe
{
  cat "$1" | "$speig" verify d.mtx --values - --which LA | grep -q "2 of 2 pairs are right, 0 LA"
}
check "values as text on standard input" through_pipe top.txt
check "values as Matrix Market on standard input" through_pipe v.mtx
mkfifo pipe
from_fifo() # FILE
{
  # Opening the pipe waits for a reader, for ever if speig does not open it.
  timeout 5 sh -c "cat '$1' >pipe" >/dev/null 2>&1 &
  ends 0 "2 of 2" "" verify d.mtx --values top.txt --vectors pipe
}
check "vectors from a named pipe" from_fifo top.mtx
echo -3 >low.txt
check "generalized, B given" ends 0 "1 of 1 pairs are right, 0 SA" "" verify d.mtx -B m.mtx --values low.txt --which SA
"$speig" verify --json --values gap.txt --which LA d.mtx >verify.json
check_json "verify --json" verify.json \
  'r["pairs"] == 2 and r["right"] == 2 and r["missed"] == 1 and r["missed_values"] == [6] and r["verdicts"] == ["right", "right"] and r["compared_with_lapack"] and r["residuals"] == [None, None]'

# ---- files that are not what they should be ------------------------------------------------------
printf '6\nseven\n' >text.txt
check "not a number" ends 4 "" "text.txt, line 2: found 'seven', needed one number per line" verify d.mtx --values text.txt
check "values that are not there" ends 4 "" "absent.txt.*No such file" verify d.mtx --values absent.txt
check "vectors of another order" ends 2 "" "same.mtx is 4 x 2, needed 8 x 2" verify d.mtx --values top.txt --vectors same.mtx
check "fewer vectors than values" ends 2 "" "top.mtx is 8 x 2, needed 8 x 3" verify d.mtx --values thrice.txt --vectors top.mtx
: >none.txt
check "no values" ends 7 "" "none.txt holds no eigenvalues" verify d.mtx --values none.txt
check "nothing to check with" ends 2 "" "nothing can be checked" verify d.mtx --values top.txt --dense-limit 0
check "neither result nor values" ends 2 "" "needed: a result" verify d.mtx
check "result and values" ends 2 "" "not both" verify d.mtx r.json --values top.txt
echo '{"eigenvalues": [1,' >cut.json
echo '{"matrix": 3}' >other.json
echo '{"eigenvalues": [1, null]}' >null.json
echo '{"eigenvalues": [1], "problem": {"kind": "mixed"}}' >general.json
echo '{"eigenvalues": [[1, 0]], "problem": {"kind": "general"}}' >complex.json
check "not JSON" ends 4 "" "cut.json, line [12]: not JSON" verify d.mtx cut.json
check "JSON of something else" ends 4 "" "other.json: no array \"eigenvalues\"" verify d.mtx other.json
check "an eigenvalue that is no number" ends 4 "" "null.json: eigenvalue 2 is not" verify d.mtx null.json
check "a result of another kind" ends 2 "" "general.json: a result of a problem of kind mixed" verify d.mtx general.json
check "a general result of a Hermitian matrix" ends 2 "" "complex.json is of a general problem.*--general" verify d.mtx complex.json
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 4\n1 1 2\n1 2 3\n2 1 -3\n3 3 1\n' >turn.mtx
"$speig" turn.mtx -k 2 --json=turn.json --vectors turn_x.mtx >/dev/null
check "general: right" ends 0 "1\+2\.828427.*right.*2 of 2 pairs are right, 0 LM eigenvalues missed; compared" "" verify turn.mtx turn.json
"$speig" turn.mtx -k 2 --values-only >turn.txt
check "general: values alone" ends 0 "2 of 2 pairs are right, 0 LI" "" verify turn.mtx --values turn.txt --which LI
check "general: missed" ends 7 "missed: 1\+0i" "" verify turn.mtx --values turn.txt --which SI
printf '1 2.8284271247461903\n1 2.8\n' >turn_bad.txt
check "general: a wrong value" ends 7 "wrong value.*1 of 2 pairs are right" "" verify turn.mtx --values turn_bad.txt
check "general: LA" ends 2 "" "--which LA has no meaning" verify turn.mtx --values turn.txt --which LA
check "result that is not there" ends 4 "" "absent.json.*No such file" verify d.mtx absent.json
printf '\x93NUMPY\x01\x00\x06\x00{}   \n' >bad.npy
check "npy without shape" ends 4 "" "bad.npy: the .npy header lacks" verify d.mtx --values bad.npy
printf '\x93NUMPY\x01\x00\x40\x00%-63s\n' "{'descr': '<f8', 'fortran_order': True, 'shape': (9000, 2), }" >long.npy
check "npy cut short" ends 4 "" "long.npy: 0 bytes of numbers, needed 144000" verify d.mtx --values long.npy
printf '\x93NUMPY\x01\x00\x40\x00%-63s\n' "{'descr': '<i8', 'fortran_order': True, 'shape': (0, 2), }" >int.npy
check "npy of integers" ends 4 "" "int.npy: array of type '<i8', needed f4, f8" verify d.mtx --values int.npy
printf '\x93NUMPY\x01\x00\x40\x00%-63s\n' "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2, 2), }" >cube.npy
check "npy of three dimensions" ends 4 "" "cube.npy: an array of one or two dimensions needed" verify d.mtx --values cube.npy
if [ -n "$python" ] && "$python" -c 'import numpy' 2>/dev/null; then
  "$python" -c 'import numpy as np
np.save("w.npy", np.array([6., 7.])); x = np.zeros((8, 2)); x[7, 0] = x[6, 1] = 1
np.save("c.npy", x.copy(order="C")); np.save("f.npy", x.astype("f4").copy(order="F"))
np.save("z.npy", x * 1j); np.save("big.npy", x.astype(">f8"))'
  check "NumPy, C order" ends 0 "2 of 2" "" verify d.mtx --values w.npy --vectors c.npy --which LA
  check "NumPy, single, Fortran order" ends 0 "2 of 2" "" verify d.mtx --values w.npy --vectors f.npy
  check "NumPy from a named pipe" from_fifo c.npy
  check "complex vectors of a real matrix" ends 0 "2 of 2" "" verify d.mtx --values w.npy --vectors z.npy
  check "NumPy, the other byte order" ends 4 "" "big.npy: array of type '>f8'" verify d.mtx --values w.npy --vectors big.npy
else
  skip "files of NumPy" "no NumPy"
fi

# ---- results of solve ----------------------------------------------------------------------------
mkdir -p folder
"$speig" generate laplacian2d nx=20 ny=20 -o l.mtx
solved_and_verified() # SOLVE_OPTIONS...
{
  "$speig" --json=r.json --vectors x.mtx "$@" l.mtx >/dev/null || return 1
  ends 0 "([0-9]+) of \1 pairs are right, 0 .* missed.*compared" "" verify l.mtx r.json
}
for which in LM SM LA SA BE; do
  check "solve and verify $which" solved_and_verified -k 7 --which $which
done
check "solve and verify, Lanczos" solved_and_verified -k 5 --which LA --method lanczos
check "solve and verify, single precision" solved_and_verified -k 4 --which LA --precision s
"$speig" --json=values.json -q -k 3 --which LA l.mtx >/dev/null
check "values of a result" ends 0 "3 of 3 pairs are right, 0 LA" "" verify l.mtx values.json
sed 's/"eigenvalues": \[[0-9.]*/"eigenvalues": [1.2345/' values.json >spoiled.json
check "a spoiled result" ends 7 "wrong value.*2 of 3" "" verify l.mtx spoiled.json
(cd folder && cp ../l.mtx . && "$speig" --json=r.json --vectors y.mtx -k 2 l.mtx >/dev/null)
check "vectors beside the result" ends 0 "2 of 2.*\|X\^H B X - I\|" "" verify l.mtx folder/r.json
rm folder/y.mtx
check "vectors gone" ends 4 "" "y.mtx" verify l.mtx folder/r.json
"$speig" --json=g.json --vectors g.mtx -k 2 --which SA d.mtx -B m.mtx >/dev/null
check "generalized, B forgotten" ends 2 "" "generalized problem with m.mtx; give it by -B" verify d.mtx g.json
check "generalized" ends 0 "2 of 2 pairs are right, 0 SA" "" verify d.mtx g.json -B m.mtx
"$speig" --json=deflated.json --deflate top.mtx --vectors y.mtx -k 2 --which LA d.mtx >/dev/null
check "deflated: missed ones are not looked for" ends 0 "2 of 2.*not looked for" "note: .*deflated" verify d.mtx deflated.json
piped() # the result comes through a pipe
{
  "$speig" --json -k 3 d.mtx | "$speig" verify d.mtx - | grep -q "3 of 3 pairs are right, 0 LM"
}
check "result on standard input" piped
printf '%%%%MatrixMarket matrix coordinate real symmetric\n0 0 0\n' >nothing.mtx
"$speig" --json nothing.mtx >nothing.json
check "n = 0" ends 0 "" "" verify nothing.mtx nothing.json

# ---- two devices ---------------------------------------------------------------------------------
check "two devices agree" ends 0 "right, 0 missed; from LAPACK.*2 of 2 values agree within their error bounds" "" \
  verify --device reference -k 2 --which SA d.mtx
check "two devices, generalized" ends 0 "2 of 2 values agree;" "" verify --device reference -k 2 --which SA d.mtx -B m.mtx
check "two devices, single precision" ends 0 "2 of 2 values agree" "" verify --device reference -k 2 --precision s d.mtx
"$speig" verify --device reference -k 2 --which SA --json d.mtx >two.json
check_json "two devices, JSON" two.json 'r["agreed"] == r["compared"] == 2 and r["host"]["right"] == r["reference"]["right"] == 2 and r["compared_with_lapack"] and max(r["differences"]) <= max(r["allowed"])'
check "two devices and a result" ends 2 "" "a result, --values and --vectors go without it" verify --device reference d.mtx g.json
finish cli_verify
