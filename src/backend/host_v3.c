/* host_v3.c: the CPU kernels for AVX2 and FMA: 4 doubles in a register. */
#define HOST_LANES 4
#define HOST_TILE 2
#define HOST_SWAP 1, 0, 3, 2
#define HOST_TABLES host_tables_v3
#include "backend/host_kernels.h"
