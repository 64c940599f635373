/* cpu.h: what instructions this processor has; kernels are compiled once for each level. */
#ifndef SPEIG_SRC_BASE_CPU_H
#define SPEIG_SRC_BASE_CPU_H

/* The levels of x86-64: 3 has AVX2 and FMA, 4 has AVX-512; everything else is 1. */
int cpu_level(void);

#endif
