/* 07_device_blocks.c: an array goes to the device, is summed and multiplied there, and comes back.
 *
 * Runs on the first CUDA device, and on the host where there is none: the calls are the same.
 *
 *   cc 07_device_blocks.c $(pkg-config --cflags --libs speig) && ./a.out                        */
#include <speig/speig.h>

#include <stdio.h>

enum { n = 1000, p = 2 };

#define CHECK(call)                                                                                \
  do {                                                                                             \
    if (call) {                                                                                    \
      fprintf(stderr, "%s\n", speig_last_error());                                                 \
      return 1;                                                                                    \
    }                                                                                              \
  } while (0)

int main(void)
{
  static double numbers[n * p]; /* two columns: 1, 1, 1, ... and 0, 1, 2, ... */
  const double one = 1, zero = 0;
  double sums[p], mix[p] = { 3, 2 }, gram[p * p], back[3];
  speig_context *ctx = NULL;
  speig_block there, combined;
  speig_block host = { .dtype = SPEIG_D, .rows = n, .cols = p, .ld = n, .data = numbers };
  speig_block weights = { .dtype = SPEIG_D, .rows = p, .cols = 1, .ld = p, .data = mix };
  speig_block products = { .dtype = SPEIG_D, .rows = p, .cols = p, .ld = p, .data = gram };
  speig_block end = { .dtype = SPEIG_D, .rows = 3, .cols = 1, .ld = 3, .data = back };
  speig_block tail;

  for (int i = 0; i < n; ++i) {
    numbers[i] = 1;
    numbers[n + i] = i;
  }
  if (speig_context_create(SPEIG_CUDA, 0, &ctx) != SPEIG_OK)
    CHECK(speig_context_create(SPEIG_HOST, 0, &ctx));
  CHECK(speig_block_alloc_on(ctx, SPEIG_D, n, p, &there));
  CHECK(speig_block_alloc_on(ctx, SPEIG_D, n, 1, &combined));
  CHECK(speig_copy(ctx, &host, &there)); /* to the device */

  CHECK(speig_sum(ctx, &there, sums)); /* small results are numbers on the host */
  CHECK(speig_gram(ctx, &one, &there, &there, &zero, &products));
  CHECK(speig_gemm(ctx, &one, &there, &weights, &zero, &combined)); /* 3 first + 2 second */

  tail = combined; /* its last three rows */
  tail.rows = 3;
  tail.data = (double *)combined.data + n - 3;
  CHECK(speig_copy(ctx, &tail, &end)); /* back to the host */
  printf("computed on %s\n", speig_device_name(speig_context_device(ctx)));
  printf("sums %.0f %.0f\n", sums[0], sums[1]);
  printf("products %.0f %.0f %.0f\n", gram[0], gram[1], gram[3]);
  printf("last rows of 3 x + 2 y: %.0f %.0f %.0f\n", back[0], back[1], back[2]);

  speig_block_free_on(ctx, &there);
  speig_block_free_on(ctx, &combined);
  speig_context_destroy(&ctx);
  return 0;
}
