/* front_v4.c: the kernels of supernodal factors for AVX-512. */
#define FRONT_BYTES 64
#define FRONT_TABLES front_kernels_v4
#include "factor/front_kernels.h"
