#!/bin/sh
# test_headers.sh CC TOOLKIT_INCLUDE: our headers give every constant the toolkit's value, and every
# structure and field that both have the same place and size.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -r "$work"' EXIT
api=$here/include/cuda_runtime_api.h

cat > "$work/print.c" <<'END'
#include <cuda_runtime_api.h>
#include <stdio.h>
#define CONSTANT(name) printf("%s %d\n", #name, (int)name);
#define TYPE(type) printf("%s %zu %zu\n", #type, sizeof(type), _Alignof(type));
#define FIELD(type, field)                                                                         \
  printf("%s.%s %zu %zu\n", #type, #field, offsetof(type, field), sizeof(((type *)0)->field));
int main(void)
{
TYPE(dim3) TYPE(uint3) TYPE(float2) TYPE(double2) TYPE(float4) TYPE(longlong2)
END
# The names come from our own header, so that none is forgotten.
{
  sed -n -e 's/^ *\(cuda[A-Za-z0-9]*\) = [0-9]*,*$/CONSTANT(\1)/p' \
    -e 's/^#define \(CUDART_VERSION\|cudaStream[DN][a-zA-Z]*\|cudaEvent[a-zA-Z]*\) .*/CONSTANT(\1)/p' \
    "$api"
  for type in cudaDeviceProp cudaPointerAttributes; do
    echo "TYPE(struct $type)"
    sed -n "/^typedef struct $type {/,/^}/s/^  .*[ *]\([a-zA-Z0-9_]*\)\(\[.*\)*;\$/\1/p" "$api" |
      grep -v -e unnamed -e reserved -e textures | sed "s/.*/FIELD(struct $type, &)/"
  done
  echo 'return 0; }'
} >> "$work/print.c"

"$1" -I"$here/include" -o "$work/ours" "$work/print.c" || exit 1
"$1" -I"$2" -o "$work/theirs" "$work/print.c" || exit 1
"$work/ours" > "$work/ours.txt"
"$work/theirs" > "$work/theirs.txt"
[ "$(wc -l < "$work/ours.txt")" -gt 80 ] || { echo "only few names were found"; exit 1; }
diff "$work/ours.txt" "$work/theirs.txt" && echo "$(wc -l < "$work/ours.txt") names agree"
