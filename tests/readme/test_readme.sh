#!/usr/bin/env bash
# What the README shows is tried: every C program is built and run, the CMake lines build the first
# of them against an installed speig, and every console example is run and its output compared.
#
#   test_readme.sh README CMAKE BUILD_DIR CC SANITIZERS
#
# Compared is what does not differ between machines: eigenvalues to 8 decimals, words; figures with
# an exponent (residuals), seconds, sizes and counts of products may be any number.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../report.sh"
readme=$(realpath "$1") cmake=$2 build=$3 cc=$4 sanitize=$5
root=$(dirname "$readme")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=c11 -Wall -Wextra -Wpedantic -Werror)
[ -n "$sanitize" ] && flags+=("-fsanitize=$sanitize")

blocks() # LANGUAGE: writes the fenced blocks of that language to $work/LANGUAGE.1, .2, ...
{
  awk -v language="$1" -v work="$work" '
    /^```/ { if (inside) { inside = 0; close(file) }
             else if ($0 == "```" language) { inside = 1; file = work "/" language "." ++count
                                              printf "" >file }
             next }
    inside { print >file }' "$readme"
}

install_here()
{
  "$cmake" --install "$build" --prefix "$work/prefix"
}

program_runs() # C_FILE
{
  local libdir
  libdir=$(dirname "$(find "$work/prefix" -name libspeig.so)")
  "$cc" "${flags[@]}" -x c "$1" -x none -o "$1.program" -I"$work/prefix/include" -L"$libdir" -lspeig \
    -lm && (cd "$root" && LD_LIBRARY_PATH=$libdir "$1.program")
}

cmake_lines_build() # CMAKE_FILE C_FILE
{
  mkdir -p "$work/project"
  { echo 'cmake_minimum_required(VERSION 3.18)'
    echo 'project(readme C)'
    echo 'add_executable(program program.c)'
    cat "$1"
  } >"$work/project/CMakeLists.txt"
  cp "$2" "$work/project/program.c"
  "$cmake" -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="${sanitize:+-fsanitize=$sanitize}" &&
    "$cmake" --build "$work/project/build"
}

# A console block: "$ command", then its output up to the next "$" line or the end.
console_block() # FILE
{
  local line
  : >"$work/script"
  cp "$1" "$work/wanted"
  # The commands are run by one shell, in a folder where the README's paths mean what they say.
  while IFS= read -r line; do
    case $line in
      '$ '*)
        printf 'printf "%%s\\n" %q\n%s\n' "$line" "${line#\$ }" >>"$work/script"
        printf '[ $? -eq 0 ] || exit 1\n' >>"$work/script"
        ;;
    esac
  done <"$1"
  (cd "$work/place" && PATH=$work/prefix/bin:$PATH LD_LIBRARY_PATH= bash "$work/script") \
    >"$work/got" 2>"$work/errors" || { cat "$work/got" "$work/errors"; return 1; }
  same_form <"$work/wanted" >"$work/wanted.form"
  same_form <"$work/got" >"$work/got.form"
  diff "$work/wanted.form" "$work/got.form"
}

same_form()
{
  sed -E -e 's/[0-9]+(\.[0-9]+)?e[-+]?[0-9]+/#e/g' -e 's/[0-9]+ products/# products/g' \
    -e 's/[0-9]+(\.[0-9]+)? (ms|s|seconds|[KMG]iB)\b/# \2/g' -e 's/seconds": *[0-9.]+/seconds": #/g' |
    awk '{
      for (i = 1; i <= NF; ++i)
        if ($i ~ /^-?[0-9]+\.[0-9]+i?$/ && length($i) - index($i, ".") > 8) {
          unit = $i ~ /i$/ ? "i" : ""
          $i = sprintf("%.8f", $i) unit
        }
      $1 = $1
    } 1'
}

tables_are_complete() # every verb and every exit code that --help tells has its row
{
  local word missing=0
  "$work/prefix/bin/speig" --help >"$work/help" || return 1
  for word in $(awk '/^Verbs:/ { on = 1; next } /^$/ { on = 0 } on && /^  [a-z]/ { print $1 }' \
    "$work/help"); do
    grep -qE "^\\| \`?speig \[?$word\b" "$readme" || { echo "no row for the verb $word"; missing=1; }
  done
  for word in $(awk '/^Exit codes:/ { on = 1; next } /^$/ { on = 0 } on && /^  [0-9]/ { print $1 }' \
    "$work/help"); do
    grep -q "^| $word |" "$readme" || { echo "no row for exit code $word"; missing=1; }
  done
  [ "$(grep -cE '^  [a-z0-9]' "$work/help")" -gt 10 ] && [ $missing -eq 0 ]
}

blocks c
blocks cmake
blocks console
check "installs" install_here
check "verbs and exit codes have their rows" tables_are_complete
for file in "$work"/c.[0-9]*; do
  [ -f "$file" ] && check "C program ${file##*.} builds and runs" program_runs "$file"
done
for file in "$work"/cmake.[0-9]*; do
  [ -f "$file" ] && check "CMake lines ${file##*.} build C program 1" \
    cmake_lines_build "$file" "$work/c.1"
done
mkdir "$work/place"
ln -s "$root/data" "$work/place/data"
mkdir "$work/place/build"
ln -s "$work/prefix/bin/speig" "$work/place/build/speig"
for file in "$work"/console.[0-9]*; do
  [ -f "$file" ] || continue
  # What installs packages or takes minutes is tried by other means.
  if grep -qE '^\$ (\./demo|\./check|sudo|cmake|git|pip)' "$file"; then
    continue
  fi
  check "console example ${file##*.}: $(head -n 1 "$file")" console_block "$file"
done
finish readme
