#!/usr/bin/env bash
# Reading and writing: info, convert, generate, spmv, devices; unreadable and malformed input.
set -u
. "$(dirname "$0")/common.sh"
diagonal d.mtx 1 2 3
cat >general.mtx <<'END'
%%MatrixMarket matrix coordinate real general
3 3 4
1 1 1.5
3 1 -2.25
2 3 1e-3
3 3 0
END
cat >hermitian.mtx <<'END'
%%MatrixMarket matrix coordinate complex hermitian
2 2 2
1 1 2 0
2 1 1 -1
END
cat >pattern.mtx <<'END'
%%MatrixMarket matrix coordinate pattern symmetric
3 3 3
1 1
2 1
3 2
END
printf '%%%%MatrixMarket matrix coordinate real general\n2 3 1\n2 3 4\n' >rectangle.mtx
gzip -c d.mtx >d.mtx.gz

# ---- info ----------------------------------------------------------------------------------------
check "info" ends 0 "coordinate real symmetric, 3 x 3.*symmetric by value.*Gershgorin +\[1, 3\]" "" info d.mtx
check "info of a gzip file" ends 0 "3 x 3, 3 stored" "" info d.mtx.gz
check "info of a general matrix" ends 0 "general by value .*1 stored entries are zero" "" info general.mtx
check "info of a Hermitian matrix" ends 0 "hermitian by value" "" info hermitian.mtx
check "info of a rectangle" ends 0 "2 x 3.*rectangular" "" info rectangle.mtx
"$speig" info --json general.mtx >info.json
check_json "info --json" info.json \
  'r["matrix"] == {"file": "general.mtx", "rows": 3, "cols": 3, "nnz": 4, "field": "real", "symmetry": "general"} and r["explicit_zeros"] == 1 and r["norm_inf"] == 2.25 and r["lower_bandwidth"] == 2 and r["upper_bandwidth"] == 1'
"$speig" info --json rectangle.mtx >info.json
check_json "info --json of a rectangle holds no infinities" info.json 'r["hermitian_defect"] is None'

info_of_pipe() # COMMAND...: speig reads standard input
{
  "$@" | "$speig" info - | grep -q "3 x 3, 3 stored"
}
check "standard input" info_of_pipe cat d.mtx
check "gzip on standard input" info_of_pipe cat d.mtx.gz

# ---- unreadable and malformed --------------------------------------------------------------------
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 1\n4 1 1.0\n' >row.mtx
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 2\n1 1 1.0\n' >short.mtx
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 1\n1 1 nan\n' >nan.mtx
printf 'no header\n' >header.mtx
: >empty.mtx
head -c 40 d.mtx.gz >cut.mtx.gz
for verb in "solve" "info" "convert" "spmv"; do
  check "$verb: no such file" ends 4 "" "absent.mtx.*No such file" $verb absent.mtx
  check "$verb: a folder" ends 4 "" "\..*directory" $verb .
  check "$verb: index outside" ends 4 "" "malformed input: row.mtx, line 3: .*4" $verb row.mtx
  check "$verb: too few entries" ends 4 "" "malformed input: short.mtx" $verb short.mtx
  check "$verb: NaN" ends 4 "" "malformed input: nan.mtx, line 3" $verb nan.mtx
  check "$verb: no header" ends 4 "" "malformed input: header.mtx" $verb header.mtx
  check "$verb: empty file" ends 4 "" "empty.mtx" $verb empty.mtx
  check "$verb: cut gzip" ends 4 "" "cut.mtx.gz" $verb cut.mtx.gz
done
check "the default verb reads a missing file with a dot" ends 4 "" "absent.mtx" absent.mtx

# ---- convert -------------------------------------------------------------------------------------
same_matrix() # FILE FILE: the same entries, whatever the storage
{
  "$speig" convert --general "$1" >one.txt && "$speig" convert --general "$2" >two.txt &&
    cmp one.txt two.txt
}
check "convert keeps the storage" ends 0 "matrix coordinate real symmetric.* 3 3 3 .*" "" convert d.mtx
check "convert to a file" ends 0 "" "" convert general.mtx -o copy.mtx
check "the copy is the same matrix" same_matrix general.mtx copy.mtx
check "convert keeps complex numbers" ends 0 "" "" convert hermitian.mtx -o copy.mtx
check "the complex copy is the same matrix" same_matrix hermitian.mtx copy.mtx
check "convert --general expands" ends 0 "coordinate complex general.*2 2 3" "" convert --general hermitian.mtx
"$speig" convert --general hermitian.mtx -o full.mtx
check "convert --symmetric finds Hermitian" ends 0 "coordinate complex hermitian.*2 2 2" "" convert --symmetric full.mtx
check "convert --symmetric refuses a general matrix" ends 2 "" "cannot be stored as one triangle.*2.25" convert --symmetric general.mtx
check "a pattern stays one" ends 0 "coordinate pattern symmetric" "" convert pattern.mtx
check "convert by name to gzip" ends 0 "" "" convert d.mtx -o copy.mtx.gz
check "the gzip copy is compressed" gzip -t copy.mtx.gz
check "the gzip copy is the same matrix" same_matrix d.mtx copy.mtx.gz
check "convert --transpose" ends 0 "1 3 -2.25|3 2 0?.?001" "" convert --transpose general.mtx
"$speig" convert --transpose general.mtx -o t.mtx
"$speig" convert --transpose t.mtx -o tt.mtx
check "transposing twice" same_matrix general.mtx tt.mtx
check "convert --precision s rounds" ends 0 "0?\.?00?1.*" "" convert --precision s general.mtx
check "convert --array" ends 0 "matrix array real symmetric.*3 3 " "" convert --array d.mtx
"$speig" convert --array general.mtx -o dense.mtx
check "an array holds the same matrix, but for its zeros" ends 0 "3 x 3, 9 stored|3 x 3, 3 stored" "" info dense.mtx
check "convert: both storages" ends 2 "" "exclude each other" convert --general --symmetric d.mtx
check "convert into a folder that is not there" ends 1 "" "absent/x.mtx" convert d.mtx -o absent/x.mtx

# ---- generate ------------------------------------------------------------------------------------
check "generate to stdout" ends 0 "^%%MatrixMarket matrix coordinate real symmetric .*% speig generate laplacian1d n=4.* 4 4 7 " "" generate laplacian1d n=4
check "generate to a file" ends 0 "" "" generate laplacian2d nx=4 ny=3 -o l.mtx
check "the file holds the matrix" ends 0 "12 x 12, 46 stored" "" info l.mtx
check "generate a complex one" ends 0 "complex hermitian" "" generate hofstadter
check "generate --list" ends 0 "laplacian3d.*nx=.*c60" "" generate --list
check "the spectrum" ends 0 "^0\.3819660.* 1\.3819660.* 2\.6180339.* 3\.6180339[0-9]* $" "" generate laplacian1d n=4 --spectrum
check "kind unknown, nearest named" ends 2 "" "no matrix kind 'laplacian2'; the nearest is 'laplacian[123]d'" generate laplacian2
check "parameter unknown" ends 2 "" "invalid argument: .*nz" generate laplacian2d nz=3
check "parameter not a number" ends 2 "" "n=four, needed a finite number" generate laplacian1d n=four
check "parameter without value" ends 2 "" "found 'n', needed key=value" generate laplacian1d n
check "parameter out of range" ends 2 "" "invalid argument: .*-3" generate laplacian1d n=-3
check "no kind" ends 2 "" "a matrix kind is needed" generate
check "no spectrum known" ends 2 "" "not supported" generate anderson nx=3 --spectrum
"$speig" generate random_regular --seed 1 -o r1.mtx 2>/dev/null ||
  "$speig" generate anderson nx=4 --seed 1 -o r1.mtx
"$speig" generate anderson nx=4 --seed 7 -o s7.mtx
"$speig" generate anderson nx=4 --seed 7 -o s7again.mtx
"$speig" generate anderson nx=4 --seed 8 -o s8.mtx
check "the same seed, the same file" cmp s7.mtx s7again.mtx
check "another seed, another matrix" [ "$(grep -vc '^%' s7.mtx)" = "$(grep -vc '^%' s8.mtx)" -a \
  "$(grep -v '^%' s7.mtx | md5sum)" != "$(grep -v '^%' s8.mtx | md5sum)" ]

# ---- spmv, devices -------------------------------------------------------------------------------
check "spmv" ends 0 "columns .* copy " "" spmv --repeat 3 --block 2 l.mtx
"$speig" spmv --json --repeat 3 --block 4 --precision s l.mtx >spmv.json
check_json "spmv --json" spmv.json \
  'r["vector"]["columns"] == 1 and r["block"]["columns"] == 4 and r["block"]["calls"] == 3 and r["dtype"] == "s" and r["vector"]["gb_per_s"] > 0 and r["copy_gb_per_s"] > 0'
export SPEIG_CUDA_DRIVER=libno_such_driver.so # as on a machine without a device
check "spmv on a device that is absent" ends 6 "" "device unavailable: .*CUDA" spmv --device cuda l.mtx
check "devices" ends 0 "^host +[0-9]+ cores, [0-9]+ threads.*reference.*cuda +not available" "" devices
"$speig" devices --json >devices.json
check_json "devices --json" devices.json 'r["host"]["available"] and r["reference"]["available"] and not r["cuda"]["available"] and not r["cuda"]["devices"]'
unset SPEIG_CUDA_DRIVER

# ---- output that cannot be written ---------------------------------------------------------------
full_disk() # ARGUMENT...
{
  "$speig" "$@" >/dev/full 2>err.txt
  [ $? -eq 1 ] && shows err.txt "cannot write to standard output|output failed"
}
if [ -c /dev/full ]; then
  for verb in "info d.mtx" "convert d.mtx" "generate laplacian1d n=4" "help" "devices" "generate --list"; do
    check "full disk: $verb" full_disk $verb
  done
else
  skip "full disk" "no /dev/full"
fi
quiet_pipe()
{
  { "$speig" generate laplacian1d n=200000 2>err.txt; } | head -n 1 >/dev/null
  shows err.txt ""
}
check "a reader that goes away makes no noise" quiet_pipe
finish cli_files
