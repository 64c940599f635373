/* 08_own_kernel.cu: a kernel of one's own on speig's arrays, in one stream with speig's work.
 *
 *   nvcc 08_own_kernel.cu $(pkg-config --cflags --libs speig) && ./a.out                        */
#include <speig/speig.h>

#include <cstdio>

#include <cuda_runtime.h>

#define CHECK(call)                                                                                \
  do {                                                                                             \
    if (call) {                                                                                    \
      std::fprintf(stderr, "%s\n", speig_last_error());                                            \
      return 1;                                                                                    \
    }                                                                                              \
  } while (0)

/* z = x + y */
__global__ void add(long long n, const double *x, const double *y, double *z)
{
  long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
  if (i < n)
    z[i] = x[i] + y[i];
}

int main()
{
  const long long n = 100000;
  const int threads = 256;
  speig_context_opts opts;
  speig_context *ctx = nullptr;
  speig_block x, y, z;
  cudaStream_t stream = nullptr;
  double norm, difference[2];
  const double minus_one = -1;

  speig_context_opts_init(&opts);
  opts.device = SPEIG_CUDA;
  if (speig_context_create_on(&opts, &ctx)) { /* no device: the reason, before CUDA is asked */
    std::fprintf(stderr, "no device: %s\n", speig_last_error());
    return 1;
  }
  speig_context_destroy(&ctx);
  if (cudaStreamCreate(&stream) != cudaSuccess)
    return 1;
  opts.stream = stream; /* speig's work and the kernel below run in the order of the calls */
  CHECK(speig_context_create_on(&opts, &ctx));
  CHECK(speig_block_alloc_on(ctx, SPEIG_D, n, 1, &x));
  CHECK(speig_block_alloc_on(ctx, SPEIG_D, n, 1, &y));
  CHECK(speig_block_alloc_on(ctx, SPEIG_D, n, 1, &z));
  CHECK(speig_fill_random(ctx, 1, &x));
  CHECK(speig_fill_random(ctx, 2, &y));
  add<<<(unsigned)((n + threads - 1) / threads), threads, 0, stream>>>(
      n, (const double *)x.data, (const double *)y.data, (double *)z.data);
  CHECK(speig_norm(ctx, &z, &norm));
  CHECK(speig_axpy(ctx, &minus_one, &x, &z)); /* z - x - y = 0 */
  CHECK(speig_axpy(ctx, &minus_one, &y, &z));
  CHECK(speig_norm(ctx, &z, difference));
  std::printf("x + y is something: %s\n", norm > 100 ? "yes" : "no");
  std::printf("and what it should be: %s\n", difference[0] < 1e-12 ? "yes" : "no");

  speig_block_free_on(ctx, &x);
  speig_block_free_on(ctx, &y);
  speig_block_free_on(ctx, &z);
  speig_context_destroy(&ctx);
  cudaStreamDestroy(stream);
  return 0;
}
