#!/bin/sh
# test_allowed.sh MODULE FAKE: the CUDA module takes nothing from the CUDA libraries but what
# allowed.txt names; the fake runtime has all of that; and no other CUDA library is linked.
module=$1
fake=$2
here=$(cd "$(dirname "$0")" && pwd)
allowed=$(grep -v '^#' "$here/allowed.txt")
failed=0

wanted=$(nm -D --undefined-only "$module" | sed -n 's/^ *U \(_*cu[a-zA-Z0-9_]*\).*/\1/p')
[ -n "$wanted" ] || { echo "nothing of CUDA is used by $module"; failed=1; }
for name in $wanted; do
  echo "$allowed" | grep -qx "$name" || { echo "$module uses $name, not in allowed.txt"; failed=1; }
done
for name in $allowed; do
  nm -D --defined-only "$fake" | grep -q " T $name@*" || { echo "$fake lacks $name"; failed=1; }
done
libraries=$(readelf -d "$module" | sed -n 's/.*NEEDED.*\[\(lib\(cu\|nv\)[^]]*\)\].*/\1/p')
[ "$libraries" = libcudart.so.13 ] || { echo "$module links: $libraries"; failed=1; }
exit $failed
