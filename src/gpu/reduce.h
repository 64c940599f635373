/* reduce.h: entries of the table that bring sums over rows to the host, and so wait. */
#ifndef SPEIG_SRC_GPU_REDUCE_H
#define SPEIG_SRC_GPU_REDUCE_H

#include "gpu/matrix.h"

speig_status gpu_entry_real_dots(const multivec *X, const multivec *Y, double *d);
speig_status gpu_entry_norms(const multivec *X, double *norm);
speig_status gpu_entry_axpy_norm(double a, const multivec *x, multivec *y, double *norm);
speig_status gpu_entry_gram(const multivec *X, const multivec *Y, small *H);
speig_status gpu_entry_project(const multivec *Q, const small *U, multivec *X, small *H,
                               double *norm);
speig_status gpu_entry_lanczos_step(backend_matrix *A, const multivec *q, double beta,
                                    const multivec *q_prev, multivec *w, double *alpha);

#endif
