/* host_kernels.h: all CPU kernels and their four tables, compiled by host_v1.c, host_v3.c and
 * host_v4.c with the compiler options of one instruction set each. They define HOST_LANES (doubles
 * in a register), HOST_TILE (columns of a register tile), HOST_SWAP (lane numbers with neighbours
 * exchanged) and HOST_TABLES (the name of the result).                                           */
#include "backend/host.h"
#include "base/error.h"
#include "base/random.h"

#include <float.h>
#include <omp.h>
#include <string.h>

#define SPEIG_TEMPLATE "dense/lanes.t.h"
#include "base/instantiate.h"
#define SPEIG_TEMPLATE "dense/tall.t.h"
#include "base/instantiate.h"
#define SPEIG_TEMPLATE "spmv/csr.t.h"
#include "base/instantiate.h"
#define SPEIG_TEMPLATE "spmv/runs.t.h"
#include "base/instantiate.h"
#define SPEIG_TEMPLATE "backend/host_reduce.t.h"
#include "base/instantiate.h"
#define SPEIG_TEMPLATE "backend/host.t.h"
#include "base/instantiate.h"

const backend_ops *const HOST_TABLES[4] = { &host_s, &host_d, &host_c, &host_z };
