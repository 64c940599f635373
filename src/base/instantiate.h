/* instantiate.h: compiles SPEIG_TEMPLATE once for each scalar type.
 *   #define SPEIG_TEMPLATE "spmv/csr.t.h"
 *   #include "base/instantiate.h"          -> functions name_s, name_d, name_c, name_z, all static
 * Deliberately without an include guard.                                                        */
#define SCALAR_S
#include "base/scalar.h"
#include SPEIG_TEMPLATE
#undef SCALAR_S
#define SCALAR_D
#include "base/scalar.h"
#include SPEIG_TEMPLATE
#undef SCALAR_D
#define SCALAR_C
#include "base/scalar.h"
#include SPEIG_TEMPLATE
#undef SCALAR_C
#define SCALAR_Z
#include "base/scalar.h"
#include SPEIG_TEMPLATE
#undef SCALAR_Z
#undef SPEIG_TEMPLATE
