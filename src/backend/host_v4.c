/* host_v4.c: the CPU kernels for AVX-512: 8 doubles in a register. */
#define HOST_LANES 8
#define HOST_TILE 4
#define HOST_SWAP 1, 0, 3, 2, 5, 4, 7, 6
#define HOST_TABLES host_tables_v4
#include "backend/host_kernels.h"
