#!/usr/bin/env bash
# The files in data/: made again by the lines of data/README.md they come out the same, and the
# command finds the eigenvalues that theory gives.
#
#   test_data.sh SPEIG SOURCE_DIR
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../report.sh"
speig=$1 root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/data"

same_again() # LINE: "speig generate ... -o data/FILE"
{
  local words=() file
  read -r -a words <<<"$1"
  file=${words[-1]}
  (cd "$work" && "$speig" "${words[@]:1}") && cmp "$work/$file" "$root/$file"
}

every_file_has_a_line()
{
  local file missing=0
  for file in "$root"/data/*.mtx; do
    [ -f "$work/data/$(basename "$file")" ] || { echo "no line makes $file"; missing=1; }
  done
  return $missing
}

# Exact eigenvalues, ascending, one per line, from an awk expression that prints them.
exact()
{
  awk "BEGIN { pi = atan2(0, -1); $1 }" | sort -g
}

near() # TOLERANCE EXPECTED_FILE: the eigenvalues in $work/csv against those expected
{
  awk -F, -v tolerance="$1" '
    NR == FNR { want[++wanted] = $1; next }
    FNR == 1 { for (i = 1; i <= NF; ++i) if ($i == "eigenvalue") column = i; next }
    { got = $column; ++found
      error = got - want[found]
      if (!column || error > tolerance || error < -tolerance) {
        print "number " found ": " got ", needed " want[found]; bad = 1
      } }
    END { if (found != wanted) { print found " eigenvalues, needed " wanted; bad = 1 }
          exit bad }' "$2" "$work/csv"
}

c60_levels() # OPTIONS...: the whole spectrum, or as many of the largest as -k says
{
  local count=$1
  shift
  exact 'r5 = sqrt(5); a = sqrt(38 - 2 * r5); b = sqrt(38 + 2 * r5); r13 = sqrt(13); r17 = sqrt(17)
    n = split("1 3 5 3 4 9 5 3 3 5 3 5 4 4 3", times, " ")
    x[1] = 3;                x[2] = (3 + r5 + a) / 4; x[3] = (1 + r13) / 2; x[4] = (3 - r5 + b) / 4
    x[5] = (-1 + r17) / 2;   x[6] = 1;                x[7] = (-1 + r5) / 2; x[8] = (3 + r5 - a) / 4
    x[9] = (-3 + r5) / 2;    x[10] = (1 - r13) / 2;   x[11] = (3 - r5 - b) / 4
    x[12] = (-1 - r5) / 2;   x[13] = -2;              x[14] = (-1 - r17) / 2; x[15] = (-3 - r5) / 2
    for (i = 1; i <= n; ++i) for (j = 0; j < times[i]; ++j) printf "%.17g\n", x[i]' |
    tail -n "$count" >"$work/exact"
  "$speig" "$root/data/c60.mtx" -k "$count" --which LA --csv "$@" >"$work/csv" &&
    near 1e-12 "$work/exact"
}

springs()
{
  exact 'for (j = 1; j <= 5; ++j) printf "%.17g\n", 6 * sin(j * pi / 402) ^ 2' >"$work/exact"
  "$speig" "$root/data/spring_k.mtx" -B "$root/data/spring_m.mtx" -k 5 --which SA --csv "$@" \
    >"$work/csv" && near 1e-10 "$work/exact"
}

drum()
{
  "$speig" "$root/data/lshape.mtx" -k 3 --which SA --csv >"$work/all" || return 1
  # The third is exact; the first lies a little off its limit for h -> 0.
  sed -e 2,3d "$work/all" >"$work/csv"
  exact 'printf "%.17g\n", 8 * 256 * sin(pi / 32) ^ 2' >"$work/exact"
  near 1e-10 "$work/exact" || return 1
  sed -e 3,4d "$work/all" >"$work/csv"
  echo 9.6397238440 >"$work/exact"
  near 0.15 "$work/exact"
}

# The eigenvalues of largest magnitude, real and imaginary parts on lines of their own.
wind()
{
  awk 'BEGIN { pi = atan2(0, -1); re = 4 + 2 * sqrt(1 - 0.04) * cos(pi / 17)
    for (i = 1; i <= 2; ++i) { im = 2 * sqrt(1.25) * cos(i * pi / 17)
      printf "%.17g\n%.17g\n%.17g\n%.17g\n", re, im, re, -im } }' >"$work/exact"
  "$speig" "$root/data/wind.mtx" -k 4 --values-only "$@" | tr ' ' '\n' |
    awk 'BEGIN { print "eigenvalue" } { print }' >"$work/csv" && near 1e-8 "$work/exact"
}

grep "^speig generate " "$root/data/README.md" >"$work/lines"
while IFS= read -r line; do
  check "again: $line" same_again "$line"
done <"$work/lines"
check "every file has its line" every_file_has_a_line
check "C60: all 60 levels" c60_levels 60
check "C60: the upper 9, as ./demo shows them" c60_levels 9
check "C60: the upper 9 by Lanczos" c60_levels 9 --method lanczos
check "springs: K x = lambda M x" springs
check "springs by LOBPCG" springs --method lobpcg --tol 1e-12
check "the drum" drum
check "wind: complex eigenvalues" wind
check "wind by Krylov-Schur" wind --method krylov-schur
finish data
