#!/usr/bin/env bash
# Installs the build into a staging folder, moves it, and uses it from outside: with find_package
# and with pkg-config, shared and static. Looks at every public header alone and at the symbols.
#
#   test_install.sh CMAKE BUILD_DIR CC CXX SANITIZERS
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../report.sh"
cmake=$1 build=$2 cc=$3 cxx=$4 sanitize=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=()
[ -n "$sanitize" ] && flags=("-fsanitize=$sanitize")
strict=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only)

installs_and_moves()
{
  DESTDIR=$work/stage "$cmake" --install "$build" --prefix /opt/first &&
    mv "$work/stage/opt/first" "$work/moved"
}

header_alone() # COMPILER STANDARD LANGUAGE HEADER
{
  # The declaration: a header of macros alone leaves an empty unit, which C does not allow.
  printf '#include <speig/%s>\nextern int unit;\n' "$4" >"$work/header.$3"
  "$1" -std="$2" -x "$3" "${strict[@]}" -I"$work/moved/include" "$work/header.$3"
}

prints_what_it_should() # PROGRAM [LIBRARY_FOLDER]
{
  local got
  got=$(LD_LIBRARY_PATH=${2:-} "$1") || { echo "$got"; return 1; }
  [ "$got" = "0.585786 2.000000 3.414214" ] || { echo "printed: $got, wanted: 0.585786 2.000000 3.414214"; return 1; }
}

with_find_package() # shared|static
{
  "$cmake" -S "$here/outside" -B "$work/outside-$1" -DKIND="$1" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_C_FLAGS="${flags[*]:-}" -DCMAKE_PREFIX_PATH="$work/moved" &&
    "$cmake" --build "$work/outside-$1" && prints_what_it_should "$work/outside-$1/outside"
}

needs_speig() # PROGRAM: is it linked to the shared library?
{
  readelf -d "$1" | grep -q 'NEEDED.*\[libspeig\.so\.0\]'
}

refuses_version() # VERSION
{
  sed "s/find_package(speig [0-9.]*/find_package(speig $1/" "$here/outside/CMakeLists.txt" \
    >"$work/refused.txt"
  mkdir -p "$work/refused"
  mv "$work/refused.txt" "$work/refused/CMakeLists.txt"
  cp "$here/outside/outside.c" "$work/refused"
  "$cmake" -S "$work/refused" -B "$work/refused/build" -DKIND=shared -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_PREFIX_PATH="$work/moved" >"$work/refused.log" 2>&1 && return 1
  grep -q "$1" "$work/refused.log" || { cat "$work/refused.log"; return 1; }
}

with_pkg_config() # shared|static
{
  local words=() kind=$1
  export PKG_CONFIG_PATH=$libdir/pkgconfig
  if [ "$kind" = shared ]; then
    read -r -a words <<<"$(pkg-config --cflags --libs speig)"
  else
    # -lspeig would take the shared library lying beside the static one.
    read -r -a words <<<"$(pkg-config --cflags --libs --static speig | sed 's/-lspeig/-l:libspeig.a/')"
  fi
  "$cc" "${flags[@]}" "$here/outside/outside.c" -o "$work/pc-$kind" "${words[@]}" &&
    prints_what_it_should "$work/pc-$kind" "$libdir"
}

exports_only_speig()
{
  local others
  others=$(nm -D --defined-only "$libdir/libspeig.so" | awk '{ print $NF }' |
    grep -v -e '^speig_[a-z0-9_]*@@SPEIG_0$' -e '^SPEIG_0$')
  # A sanitized library carries the runtime's own symbols.
  [ -n "$sanitize" ] && others=$(grep -v -e '^__' <<<"$others")
  [ -z "$others" ] || { echo "exported: $others"; return 1; }
}

exports_what_headers_say()
{
  local name missing=0
  nm -D --defined-only "$libdir/libspeig.so" | awk '{ print $NF }' | sed 's/@.*//' >"$work/symbols"
  # A declaration may run over several lines; its name is the first word before a parenthesis.
  for name in $(cat "$work/moved/include/speig/"*.h | tr '\n' ' ' | grep -o 'SPEIG_API [^;]*;' |
    grep -o 'speig_[a-z0-9_]*(' | tr -d '(' | sort -u); do
    grep -qx "$name" "$work/symbols" || { echo "declared, not exported: $name"; missing=1; }
  done
  [ $(wc -l <"$work/symbols") -gt 20 ] && [ $missing -eq 0 ]
}

no_path_of_this_machine() # the prefix, the build and the source folders stay out of what is installed
{
  ! grep -rlF -e "$build" -e "$work" -e "$(cd "$here/../.." && pwd)" -e /opt/first \
    "$work/moved/include" "$libdir/cmake" "$libdir/pkgconfig"
}

command_runs_where_moved()
{
  local version
  version=$(sed -n 's/^#define SPEIG_VERSION "\(.*\)"/\1/p' "$work/moved/include/speig/version.h")
  "$work/moved/bin/speig" --version | grep -F "$version"
}

has_man_page_and_completion()
{
  local share=$work/moved/share
  grep -q '^\.TH ' "$share/man/man1/speig.1" && grep -q 'complete ' \
    "$share/bash-completion/completions/speig" && bash -n "$share/bash-completion/completions/speig"
}

check "installs, and the tree can be moved" installs_and_moves
libdir=$(dirname "$(find "$work/moved" -name libspeig.so | head -1)")
for header in "$work/moved/include/speig/"*.h; do
  name=$(basename "$header")
  check "$name alone as C11" header_alone "$cc" c11 c "$name"
  if [ -n "$cxx" ]; then
    check "$name alone as C++17" header_alone "$cxx" c++17 c++ "$name"
  else
    skip "$name alone as C++17" "no C++ compiler"
  fi
done
check "find_package, shared" with_find_package shared
check "  it is linked to libspeig.so.0" needs_speig "$work/outside-shared/outside"
check "find_package, static" with_find_package static
check "  it is not linked to libspeig.so" eval '! needs_speig "$work/outside-static/outside"'
check "find_package refuses version 0.9" refuses_version 0.9
check "find_package refuses version 1.0" refuses_version 1.0
for kind in shared static; do
  if command -v pkg-config >/dev/null; then
    check "pkg-config, $kind" with_pkg_config $kind
  else
    skip "pkg-config, $kind" "no pkg-config"
  fi
done
check "the shared library exports speig_* alone" exports_only_speig
check "the shared library exports what the headers declare" exports_what_headers_say
check "nothing installed names this machine's folders" no_path_of_this_machine
if [ -x "$work/moved/bin/speig" ]; then
  check "the command runs where it was moved to" command_runs_where_moved
  check "man page and completion are there" has_man_page_and_completion
else
  skip "the command runs where it was moved to" "built without it"
fi
finish install
