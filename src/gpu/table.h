/* table.h: the CUDA backend's tables, one per scalar type. */
#ifndef SPEIG_SRC_GPU_TABLE_H
#define SPEIG_SRC_GPU_TABLE_H

#include "backend/backend.h"

extern const backend_ops gpu_table_s, gpu_table_d, gpu_table_c, gpu_table_z;

#endif
