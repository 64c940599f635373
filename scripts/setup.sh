# setup.sh: sourced by ./demo and ./check; finds out what the build needs and is missing, and
# installs that (Debian and Ubuntu). Nothing is asked and nothing present is touched.
#
#   require gcc file:lapacke.h=liblapacke-dev ...
#
# An argument is COMMAND=PACKAGE, file:HEADER=PACKAGE or python:MODULE=PACKAGE; "=PACKAGE" may be
# left out when it has the name of the command.

require_header() # NAME: is there such a header below the include folders?
{
  local folder folders="/usr/include /usr/local/include ${CPATH:-} ${CMAKE_PREFIX_PATH:-}"
  for folder in ${folders//[:;]/ }; do
    [ -n "$(find -L "$folder" -maxdepth 5 -path "*/$1" -print -quit 2>/dev/null)" ] && return 0
  done
  return 1
}

require()
{
  local item what package missing=()
  for item in "$@"; do
    what=${item%%=*} package=${item#*=}
    case $what in
      python:*) /usr/bin/python3 -c "import ${what#python:}" 2>/dev/null || missing+=("$package") ;;
      file:*) require_header "${what#file:}" || missing+=("$package") ;;
      *) command -v "$what" >/dev/null 2>&1 || missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  install_packages "${missing[@]}"
}

wish() # as require, for what is good to have: without it the build leaves something out
{
  (require "$@") || echo "Going on without: ${*##*=}" >&2
}

install_packages() # PACKAGE...
{
  local sudo=() log
  log=$(mktemp)
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing: $* (Debian's names). Please install them and run this again." >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && command -v sudo >/dev/null 2>&1; }; then
      echo "Missing: $*. Installing needs root; please have this run, then start again:" >&2
      echo "  apt-get install $*" >&2
      exit 1
    fi
    sudo=(sudo)
  fi
  echo "Installing: $*"
  # The package lists are fetched only when the ones at hand do not do: a bare system has none.
  if ! apt_get "$log" install "$@" && ! { apt_get "$log" update && apt_get "$log" install "$@"; }; then
    tail -n 20 "$log" >&2
    echo "Could not install: $*" >&2
    exit 1
  fi
  rm -f "$log"
}

apt_get() # LOG VERB PACKAGE...
{
  local log=$1
  shift
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends "$@" \
    >"$log" 2>&1 </dev/null
}

# What a build needs; what the tests need beside that.
BUILD_NEEDS=(gcc make cmake file:stdlib.h=libc6-dev file:openblas_config.h=libopenblas-dev
  file:lapacke.h=liblapacke-dev file:zlib.h=zlib1g-dev file:cjson/cJSON.h=libcjson-dev)
TEST_NEEDS=(g++ pkg-config nm=binutils file:CUnit/Basic.h=libcunit1-dev)

# Factorizations for shift-invert; without them speig is built all the same.
BUILD_WISHES=(file:dmumps_c.h=libmumps-seq-dev file:metis.h=libmetis-dev
  file:suitesparse/cholmod.h=libsuitesparse-dev)

# For the tests of the Python module, which are left out without NumPy.
TEST_WISHES=(python:numpy=python3-numpy python:scipy=python3-scipy)

jobs()
{
  nproc 2>/dev/null || echo 2
}
