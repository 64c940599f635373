/* spmv.c: how fast the sparse product runs, beside the copy bandwidth of the same machine measured
 * in the same run. Bytes of a product by the usual model: every array of the matrix is read once,
 * X is read once and Y written once. */
#include "bandwidth.h"
#include "input.h"

#include <inttypes.h>
#include <omp.h>
#include <stddef.h>
#include <stdlib.h>

typedef struct spmv_args {
  int64_t block, repeat, threads;
  int device, precision, json;
} spmv_args;

static const char *const devices[] = { "auto", "host", "reference", "cuda", NULL };
static const char *const precisions[] = { "s", "d", NULL };

static const cli_option options[] = {
  { OPTION_INT, 'p', "block", "P", offsetof(spmv_args, block), "8", NULL, NULL, 1, 4096,
    "columns of the second measurement" },
  { OPTION_INT, 0, "repeat", "N", offsetof(spmv_args, repeat), NULL, NULL, NULL, 1, 1e9,
    "products to time for each number of columns (default: for half a second)" },
  { OPTION_CHOICE, 0, "device", "D", offsetof(spmv_args, device), "auto", NULL, devices, 0, 0,
    "where to run" },
  { OPTION_CHOICE, 0, "precision", "P", offsetof(spmv_args, precision), "d", NULL, precisions, 0, 0,
    "single or double" },
  { OPTION_INT, 0, "threads", "N", offsetof(spmv_args, threads), NULL, NULL, NULL, 1, 1024,
    "threads to use (default: all cores)" },
  { OPTION_FLAG, 0, "json", NULL, offsetof(spmv_args, json), NULL, NULL, NULL, 0, 0,
    "print one JSON object" },
  { 0 },
};

enum { MAX_SAMPLES = 10000 };

static int is_enough(int64_t calls, int64_t repeat, double elapsed)
{
  return repeat > 0 ? calls >= repeat : (calls >= 5 && elapsed >= 0.5) || calls >= MAX_SAMPLES;
}

/* The matrix lies where it is multiplied, and so do the blocks: as within a solver. */
static int time_product(speig_context *context, const cli_matrix *A, const spmv_args *args,
                        int64_t columns, timing *out)
{
  const double size = (double)speig_dtype_size(A->info.dtype);
  speig_block X = { 0 }, Y = { 0 };
  speig_product *product = NULL;
  double *samples = NULL;
  int64_t calls = 0;
  int code = CLI_OK;
  CLI_TRY(CLI_ARRAY(args->repeat > MAX_SAMPLES ? args->repeat : MAX_SAMPLES, "timings", &samples));
  CLI_TRY(say_status(speig_block_alloc_on(context, A->info.dtype, A->info.cols, columns, &X)));
  CLI_TRY(say_status(speig_block_alloc_on(context, A->info.dtype, A->info.rows, columns, &Y)));
  CLI_TRY(say_status(speig_product_from_matrix(context, A->matrix, &product)));
  CLI_TRY(say_status(speig_fill_random(context, 1, &X)));
  CLI_TRY(say_status(speig_product_apply(product, &X, &Y))); /* warm caches, pages */
  CLI_TRY(say_status(speig_context_wait(context)));
  double begun = cli_seconds();
  do {
    double start = cli_seconds();
    CLI_TRY(say_status(speig_product_apply(product, &X, &Y)));
    CLI_TRY(say_status(speig_context_wait(context)));
    samples[calls++] = cli_seconds() - start;
  } while (!is_enough(calls, args->repeat, cli_seconds() - begun));
  timing_of(samples, calls, out);
  out->columns = columns;
  out->bytes = (double)A->info.nnz * (size + 4) + 8 * ((double)A->info.rows + 1) +
               size * (double)columns * ((double)A->info.rows + (double)A->info.cols);
done:
  free(samples);
  speig_product_destroy(&product);
  speig_block_free_on(context, &X);
  speig_block_free_on(context, &Y);
  return code;
}

/* Copies 256 MiB to another 256 MiB of the device's memory. */
static int time_copy_there(speig_context *context, timing *out)
{
  enum { COPIES = 9, COLUMNS = 8 };
  const int64_t rows = (int64_t)1 << 22;
  double samples[COPIES];
  speig_block from = { 0 }, to = { 0 };
  int code = CLI_OK;
  CLI_TRY(say_status(speig_block_alloc_on(context, SPEIG_D, rows, COLUMNS, &from)));
  CLI_TRY(say_status(speig_block_alloc_on(context, SPEIG_D, rows, COLUMNS, &to)));
  for (int round = -1; round < COPIES; ++round) {
    double start = cli_seconds();
    CLI_TRY(say_status(speig_copy(context, &from, &to)));
    CLI_TRY(say_status(speig_context_wait(context)));
    if (round >= 0)
      samples[round] = cli_seconds() - start;
  }
  timing_of(samples, COPIES, out);
  out->bytes = 2.0 * 8 * (double)(rows * COLUMNS);
done:
  speig_block_free_on(context, &from);
  speig_block_free_on(context, &to);
  return code;
}

static void print_json(const cli_matrix *A, const spmv_args *args, int threads, const timing *runs,
                       int count, const timing *copy)
{
  json_writer w = { .out = stdout };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  input_json(&w, "matrix", A);
  json_text(&w, "device",
            speig_device_name(args->device ? (speig_device)args->device : SPEIG_HOST));
  json_text(&w, "dtype", speig_dtype_name(A->info.dtype));
  json_int(&w, "threads", threads);
  json_real(&w, "copy_gb_per_s", timing_gigabytes(copy, copy->median));
  for (int i = 0; i < count; ++i) {
    json_open(&w, i == 0 ? "vector" : "block");
    json_int(&w, "columns", runs[i].columns);
    json_int(&w, "calls", runs[i].calls);
    json_real(&w, "ms_median", 1e3 * runs[i].median);
    json_real(&w, "ms_best", 1e3 * runs[i].best);
    json_real(&w, "gb_per_s", timing_gigabytes(&runs[i], runs[i].median));
    json_real(&w, "gflop_per_s",
              (is_complex_type(A->info.dtype) ? 8e-9 : 2e-9) * (double)A->info.nnz *
                  (double)runs[i].columns / runs[i].median);
    json_close(&w);
  }
  json_close(&w);
}

static void print_text(const cli_matrix *A, int threads, const timing *runs, int count,
                       const timing *copy)
{
  printf("%s: %" PRId64 " x %" PRId64 ", %" PRId64 " entries, type %s, %d thread%s\n", A->path,
         A->info.rows, A->info.cols, A->info.nnz, speig_dtype_name(A->info.dtype), threads,
         threads == 1 ? "" : "s");
  printf("%8s %14s %14s %14s %10s %12s %8s\n", "columns", "ms, median", "ms, best", "ms per column",
         "GB/s", "of the copy", "calls");
  for (int i = 0; i < count; ++i)
    printf("%8" PRId64 " %14.4f %14.4f %14.4f %10.2f %11.0f%% %8" PRId64 "\n", runs[i].columns,
           1e3 * runs[i].median, 1e3 * runs[i].best, 1e3 * runs[i].median / (double)runs[i].columns,
           timing_gigabytes(&runs[i], runs[i].median),
           100 * timing_gigabytes(&runs[i], runs[i].median) / timing_gigabytes(copy, copy->median),
           runs[i].calls);
  printf("%8s %14.4f %14.4f %14s %10.2f %12s %8" PRId64 "\n", "copy", 1e3 * copy->median,
         1e3 * copy->best, "", timing_gigabytes(copy, copy->median), "", copy->calls);
}

static int run(int argc, char **argv)
{
  spmv_args args = { 0 };
  cli_matrix A = { 0 };
  timing runs[2] = { 0 }, copy = { 0 };
  speig_context *context = NULL;
  int code = options_parse(&verb_spmv, &argc, argv, &args);
  if (code != OPTIONS_GO)
    return code;
  int threads = args.threads > 0 ? (int)args.threads : omp_get_max_threads();
  int count = args.block > 1 ? 2 : 1;
  CLI_TRY(say_status(speig_context_create((speig_device)args.device, threads, &context)));
  CLI_TRY(input_read(argv[0], threads, &A));
  CLI_TRY(input_convert(&A, dtype_of(is_complex_type(A.info.dtype), args.precision == 0)));
  CLI_TRY(time_product(context, &A, &args, 1, &runs[0]));
  if (count > 1)
    CLI_TRY(time_product(context, &A, &args, args.block, &runs[1]));
  CLI_TRY(speig_context_device(context) == SPEIG_CUDA ? time_copy_there(context, &copy)
                                                      : bandwidth_copy(threads, &copy));
  if (args.json)
    print_json(&A, &args, threads, runs, count, &copy);
  else
    print_text(&A, threads, runs, count, &copy);
done:
  speig_context_destroy(&context);
  input_free(&A);
  return code;
}

static const char *const examples[] = { "speig spmv --block 16 A.mtx",
                                        "time the product with 1 and with 16 vectors", NULL };

const cli_verb verb_spmv = {
  .name = "spmv",
  .operands = "A.mtx",
  .least_operands = 1,
  .most_operands = 1,
  .summary = "Time the sparse matrix-vector product",
  .details = "Measures Y = A X for one column and for a block of columns: milliseconds per call "
             "and the bandwidth that follows when every array is moved once, beside the copy "
             "bandwidth of this machine, measured in the same run on as many threads. A small "
             "matrix stays in the caches, so its figure may exceed the copy's.",
  .examples = examples,
  .options = options,
  .run = run,
};
