/* 09_matrix_free_kernel.cu: an operator that is a CUDA kernel: the five-point Laplacian of a
 * square, never stored. Its eigenvalues are known: 4 - 2 cos(i pi / (m + 1)) - 2 cos(j pi / (m +
 * 1)).
 *
 *   nvcc 09_matrix_free_kernel.cu $(pkg-config --cflags --libs speig) && ./a.out                */
#include <speig/speig.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <cuda_runtime.h>

/* y = A x for every column of a block; row i + j m of it is the point (i, j). */
__global__ void laplacian(int m, const double *x, long long ldx, double *y, long long ldy)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x, j = blockIdx.y * blockDim.y + threadIdx.y;
  long long at = i + (long long)j * m;
  if (i >= m || j >= m)
    return;
  x += blockIdx.z * ldx;
  y += blockIdx.z * ldy;
  y[at] = 4 * x[at] - (i > 0 ? x[at - 1] : 0) - (i + 1 < m ? x[at + 1] : 0) -
          (j > 0 ? x[at - m] : 0) - (j + 1 < m ? x[at + m] : 0);
}

/* What the solver calls: the product is put into its stream and not waited for. */
static int apply(void *user, const speig_place *place, const speig_block *X, speig_block *Y)
{
  int m = *(const int *)user;
  dim3 block(32, 8), grid((m + 31) / 32, (m + 7) / 8, (unsigned)X->cols);
  laplacian<<<grid, block, 0, (cudaStream_t)place->stream>>>(m, (const double *)X->data, X->ld,
                                                             (double *)Y->data, Y->ld);
  return cudaPeekAtLastError() != cudaSuccess;
}

int main(int argc, char **argv)
{
  int m = argc > 1 ? std::atoi(argv[1]) : 150; /* points each way */
  const double pi = std::acos(-1.0);
  speig_operator *op = nullptr;
  speig_eigsh_result *result = nullptr;
  speig_eigsh_opts opts;

  speig_eigsh_opts_init(&opts);
  opts.k = 4;
  opts.which = SPEIG_SA;
  opts.method = SPEIG_LANCZOS;
  opts.tol = 1e-10;
  opts.device = SPEIG_CUDA;
  if (speig_operator_create_on_device(SPEIG_D, (int64_t)m * m, apply, &m, &op) ||
      speig_eigsh(op, nullptr, &opts, &result)) {
    std::fprintf(stderr, "no device: %s\n", speig_last_error());
    return 1;
  }
  for (int k = 0; k < result->k; ++k) {
    static const int modes[4][2] = { { 1, 1 }, { 1, 2 }, { 2, 1 }, { 2, 2 } };
    double exact =
        4 - 2 * std::cos(modes[k][0] * pi / (m + 1)) - 2 * std::cos(modes[k][1] * pi / (m + 1));
    std::printf("%.10f right: %s\n", result->values[k],
                std::fabs(result->values[k] - exact) < 1e-9 ? "yes" : "no");
  }
  speig_eigsh_result_free(&result);
  speig_operator_destroy(&op);
  return 0;
}
