/* library_types.h (stand-in): the scalar types that cuBLAS and cuSPARSE are told about. */
#ifndef STANDINS_LIBRARY_TYPES_H
#define STANDINS_LIBRARY_TYPES_H

typedef enum cudaDataType_t {
  CUDA_R_32F = 0,
  CUDA_R_64F = 1,
  CUDA_R_16F = 2,
  CUDA_C_32F = 4,
  CUDA_C_64F = 5
} cudaDataType;

#endif
