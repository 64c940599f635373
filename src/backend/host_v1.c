/* host_v1.c: the CPU kernels for any processor: 2 doubles in a register. */
#define HOST_LANES 2
#define HOST_TILE 2
#define HOST_SWAP 1, 0
#define HOST_TABLES host_tables_v1
#include "backend/host_kernels.h"
