#!/usr/bin/env bash
# What goes wrong outside: full disks, limits, streams that are closed, files of hostile bytes. The
# command says it, ends with the right code, and leaves no half file and no litter.
set -u
. "$(dirname "$0")/common.sh"
diagonal d.mtx 5 4 3 2 1 -9 7 6
printf '%%%%MatrixMarket matrix array real general\n3 2\n1\n2\n3\n4\n5\n6\n' >r.mtx
"$speig" generate laplacian2d nx=40 ny=40 -o l.mtx

# Every way to write a file, with F for its name: code of the run when it fails, words.
writers()
{
  cat <<'END'
convert l.mtx -o F.mtx
convert l.mtx -o F.mtx.gz
convert --array l.mtx -o F.mtx
generate laplacian2d nx=60 -o F.mtx
generate laplacian2d nx=60 --gzip -o F.mtx
generate laplacian2d nx=60 --spectrum -o F.txt
-k 8 --vectors F.mtx l.mtx
-k 8 --vectors F.mtx.gz l.mtx
-k 8 --vectors F.npy l.mtx
-k 8 --general --left=F.npy l.mtx
-k 40 --json=F.json l.mtx
svds -k 8 --left F.mtx l.mtx
svds -k 8 --right F.npy l.mtx
svds -k 40 --json=F.json l.mtx
END
}

# The name that a writer writes to.
name_in() # COMMAND
{
  local word
  for word in $1; do
    word=${word#*=}
    case $word in F.*) echo "$word" ;; esac
  done
}

says_it() # CODE
{
  [ "$1" -eq 1 ] && shows err.txt "cannot (be )?writ(e|ten)" && return
  echo "exit code $1, needed 1"; head -c 1000 err.txt
  return 1
}

# Nothing but what was there before.
clean() # NAME OLD
{
  [ "$(cat "$1" 2>/dev/null)" = "$2" ] || { echo "$1 is not what it was"; return 1; }
  ! ls | grep '\.part$'
}

limited() # COMMAND: no file beyond 1 kB, with an older one in its place, and without
{
  local name old
  name=$(name_in "$1")
  for old in "" "older"; do
    rm -f "$name"
    [ -z "$old" ] || echo "$old" >"$name"
    # err.txt is small enough
    (ulimit -f 1; exec "$speig" $1 >/dev/null 2>err.txt)
    says_it $? && clean "$name" "$old" || return 1
  done
  rm -f "$name"
}

full() # COMMAND: the file is a device that is full
{
  local name code
  name=$(name_in "$1")
  ln -sf /dev/full "$name"
  "$speig" $1 >/dev/null 2>err.txt
  code=$?
  [ -L "$name" ] || { echo "the link is gone"; return 1; }
  rm -f "$name"
  says_it $code
}

# A regular file is replaced in one piece: its permissions stay, a link to it stays a link.
replaces() # COMMAND
{
  local name code
  name=$(name_in "$1")
  echo older >"real.$name"
  chmod 640 "real.$name"
  ln -sf "real.$name" "$name"
  "$speig" $1 >/dev/null 2>err.txt
  code=$?
  [ $code -eq 0 ] && [ -L "$name" ] && [ "$(stat -c %a "real.$name")" = 640 ] &&
    [ "$(head -c 5 "real.$name")" != older ] && ! ls | grep '\.part$' && rm -f "$name" "real.$name" &&
    return
  echo "exit code $code"; ls -l; head -c 1000 err.txt
  return 1
}

while read -r writer; do
  check "a limit on files: $writer" limited "$writer"
  if [ -c /dev/full ]; then
    check "full disk: $writer" full "$writer"
  else
    skip "full disk: $writer" "no /dev/full"
  fi
  check "a file replaced: $writer" replaces "$writer"
done < <(writers)

# ---- standard streams ----------------------------------------------------------------------------
closed_output() # ARGUMENT...
{
  "$speig" "$@" >&- 2>err.txt </dev/null
  local code=$?
  [ $code -eq 1 ] && shows err.txt "cannot write to standard output|output failed" && return
  echo "exit code $code, needed 1"; cat err.txt
  return 1
}
full_output()
{
  "$speig" "$@" >/dev/full 2>err.txt
  local code=$?
  [ $code -eq 1 ] && shows err.txt "cannot write to standard output|output failed" && return
  echo "exit code $code, needed 1"; cat err.txt
  return 1
}
for verb in "-k 2 d.mtx" "-k 2 --json d.mtx" "-k 2 --csv d.mtx" "-k 2 --values-only d.mtx" \
  "-k 2 --dry-run d.mtx" "svds -k 2 d.mtx" "svds -k 2 --json d.mtx" "info d.mtx" "info --json d.mtx" \
  "convert d.mtx" "generate laplacian1d n=4" "spmv --repeat 1 d.mtx" "devices" "help" "--version" \
  "solve --help" "generate laplacian1d n=4 --spectrum"; do
  check "no standard output: $verb" closed_output $verb
  [ ! -c /dev/full ] || check "full standard output: $verb" full_output $verb
done
# A file opened in place of a closed stream would get the table.
files_take_no_output()
{
  "$speig" -k 2 --json=j.json --vectors v.mtx d.mtx >&- 2>err.txt
  says_it $? && json_holds j.json 'len(r["eigenvalues"]) == 2' && "$speig" info v.mtx >/dev/null
}
if [ -n "$python" ]; then
  check "no standard output: the files are whole" files_take_no_output
else
  skip "no standard output: the files are whole" "no python3"
fi
no_input()
{
  "$speig" info - <&- >out.txt 2>err.txt
  [ $? -eq 4 ] && shows err.txt "standard input|-"
}
check "no standard input" no_input
no_errors() { "$speig" absent.mtx 2>&-; [ $? -eq 4 ]; }
check "no standard error: the code is right" no_errors

# A reader that goes away: files are whole, and nothing hangs.
early_reader()
{
  { timeout 60 "$speig" -k 100 --vectors v.npy --json=j.json l.mtx 2>err.txt; echo $? >code.txt; } |
    head -c 1 >/dev/null
  local code
  code=$(cat code.txt)
  # ended by the signal, or, where that is ignored, by the error
  { [ "$code" = 141 ] || [ "$code" = 1 ] || [ "$code" = 0 ]; } &&
    [ "$(stat -c %s v.npy)" -eq $((128 + 8 * 100 * 1600)) ] && tail -c 3 j.json | grep -q '}' && return
  echo "exit code $code"; cat err.txt; ls -l
  return 1
}
check "a pipe that closes early costs no file" early_reader
early_writer() # the input ends in the middle
{
  head -c 3000 l.mtx | "$speig" info - >out.txt 2>err.txt
  [ $? -eq 4 ] && shows err.txt "malformed input: standard input, line [0-9]+: "
}
check "input that ends in the middle" early_writer

# ---- hostile bytes -------------------------------------------------------------------------------
npy() # SHAPE BYTES: a header of 128 bytes, and so many zeros
{
  local text="{'descr': '<f8', 'fortran_order': False, 'shape': $1, }"
  printf '\223NUMPY\1\0v\0%-117s\n' "$text"
  head -c "$2" /dev/zero
}
hostile() # WORDS: x is refused in a moment, with the words
{
  timeout 10 "$speig" verify d.mtx --values x >out.txt 2>err.txt
  local code=$?
  [ $code -ne 124 ] && [ $code -ne 0 ] && [ $code -lt 128 ] && shows err.txt "$1" && return
  echo "exit code $code"; cat err.txt
  return 1
}
npy '(9223372036854775807, 0)' 0 >x
check "npy: no numbers in very many rows" hostile "values|eigenvalues|9223372036854775807"
npy '(0, 9223372036854775807)' 0 >x
check "npy: no numbers in very many columns" hostile "values|eigenvalues|9223372036854775807"
npy '(4611686018427387904, 4)' 64 >x
check "npy: a product beyond 64 bits" hostile "bytes of numbers"
npy '(99999999999999999999, 1)' 8 >x
check "npy: a size beyond 64 bits" hostile "bytes of numbers"
npy '(-1, 2)' 8 >x
check "npy: a negative size" hostile "dimensions"
printf '1\0002\n3\n' >x
check "text: a byte of value 0" hostile "x, line 1: a byte of value 0"
{ printf '%0600d7' 0; printf '\n6\n'; } >x
check "text: a long line is one line" ends 0 "2 of 2 pairs" "" verify d.mtx --values x --which LA
printf '%%%%MatrixMarket matrix coordinate real general\n60000 60000 1\n1 1 1\n' >x
large_pipe() { timeout 20 "$speig" verify d.mtx --values - <x >out.txt 2>err.txt; [ $? -eq 5 ] && shows err.txt "60000 x 60000"; }
check "a few bytes do not ask for all of the memory" large_pipe
finish cli_faults
