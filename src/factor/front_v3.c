/* front_v3.c: the kernels of supernodal factors for AVX2 and FMA. */
#define FRONT_BYTES 32
#define FRONT_TABLES front_kernels_v3
#include "factor/front_kernels.h"
