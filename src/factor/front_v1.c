/* front_v1.c: the kernels of supernodal factors for any processor. */
#define FRONT_BYTES 16
#define FRONT_TABLES front_kernels_v1
#include "factor/front_kernels.h"
