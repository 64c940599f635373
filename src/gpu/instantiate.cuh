// instantiate.cuh: compiles SPEIG_TEMPLATE once for each scalar type, as base/instantiate.h does in
// C: TYPED(name) is name_s, name_d, name_c, name_z. Deliberately without an include guard.
#include "gpu/scalar.cuh"

#define IS_COMPLEX 0
#define SCALAR float
#define REAL float
#define WIDE double
#define TYPED(name) name##_s
#include SPEIG_TEMPLATE
#undef SCALAR
#undef REAL
#undef TYPED
#define SCALAR double
#define REAL double
#define TYPED(name) name##_d
#include SPEIG_TEMPLATE
#undef SCALAR
#undef REAL
#undef WIDE
#undef TYPED
#undef IS_COMPLEX
#define IS_COMPLEX 1
#define SCALAR complex_c
#define REAL float
#define WIDE complex_z
#define TYPED(name) name##_c
#include SPEIG_TEMPLATE
#undef SCALAR
#undef REAL
#undef TYPED
#define SCALAR complex_z
#define REAL double
#define TYPED(name) name##_z
#include SPEIG_TEMPLATE
#undef SCALAR
#undef REAL
#undef WIDE
#undef TYPED
#undef IS_COMPLEX
#undef SPEIG_TEMPLATE
