/* generate.c: writes model matrices; the kinds and their parameters are the library's. */
#include "blockfile.h"
#include "files.h"
#include "input.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct generate_args {
  const char *output;
  uint64_t seed;
  int list, spectrum, gzip;
} generate_args;

static const cli_option options[] = {
  { OPTION_FILE, 'o', "output", "FILE", offsetof(generate_args, output), "-", NULL, NULL, 0, 0,
    "file to write; - is standard output; a name ending in .gz is compressed" },
  { OPTION_SEED, 0, "seed", "N", offsetof(generate_args, seed), "1", NULL, NULL, 0, 0,
    "determines the random ones" },
  { OPTION_FLAG, 0, "spectrum", NULL, offsetof(generate_args, spectrum), NULL, NULL, NULL, 0, 0,
    "write the exact eigenvalues, one per line, instead of the matrix; for kinds that know them" },
  { OPTION_FLAG, 0, "gzip", NULL, offsetof(generate_args, gzip), NULL, NULL, NULL, 0, 0,
    "compress, whatever the name" },
  { OPTION_FLAG, 0, "list", NULL, offsetof(generate_args, list), NULL, NULL, NULL, 0, 0,
    "list the kinds with their parameters and defaults" },
  { 0 },
};

enum { MAX_PARAMETERS = 32 };

typedef struct parameters {
  int32_t count;
  const char *names[MAX_PARAMETERS];
  double values[MAX_PARAMETERS];
} parameters;

static void print_list(void)
{
  for (const speig_generator *kind = speig_generators(); kind && kind->name; ++kind) {
    printf("%s\n    %s\n", kind->name, kind->help);
    for (const speig_generator_param *param = kind->params; param && param->name; ++param)
      printf("      %s=%.15g  %s\n", param->name, param->value, param->help);
  }
}

/* Splits key=value in place. */
static int parse_parameter(char *word, parameters *found)
{
  char *equals = strchr(word, '='), *end = NULL;
  if (!equals || equals == word)
    return say_error(CLI_USAGE, "speig generate: found '%s', needed key=value", word);
  if (found->count == MAX_PARAMETERS)
    return say_error(CLI_USAGE, "speig generate: more than %d parameters", MAX_PARAMETERS);
  double value = strtod(equals + 1, &end);
  if (end == equals + 1 || *end || !isfinite(value))
    return say_error(CLI_USAGE, "speig generate: %s, needed a finite number after the =", word);
  *equals = '\0';
  found->names[found->count] = word;
  found->values[found->count++] = value;
  return CLI_OK;
}

static int check_kind(const char *kind)
{
  const char *names[128];
  int count = 0;
  for (const speig_generator *g = speig_generators(); g && g->name && count < 127; ++g) {
    if (strcmp(g->name, kind) == 0)
      return CLI_OK;
    names[count++] = g->name;
  }
  names[count] = NULL;
  const char *nearest = nearest_name(kind, names);
  if (nearest)
    return say_error(CLI_USAGE, "there is no matrix kind '%s'; the nearest is '%s'", kind, nearest);
  return say_error(CLI_USAGE, "there is no matrix kind '%s'; 'speig generate --list' lists them",
                   kind);
}

static int write_spectrum(const char *path, const char *kind, const parameters *with, int64_t n)
{
  double *eigenvalues = NULL;
  FILE *out = NULL;
  int code = CLI_OK;
  CLI_TRY(CLI_ARRAY(n, "eigenvalues", &eigenvalues));
  CLI_TRY(say_status(
      speig_generate_spectrum(kind, with->count, with->names, with->values, eigenvalues)));
  CLI_TRY(output_open(path, &out));
  for (int64_t i = 0; i < n; ++i)
    fprintf(out, "%.17g\n", eigenvalues[i]);
  code = output_close(path, out);
done:
  free(eigenvalues);
  return code;
}

/* "speig generate KIND key=value ...": the file says where it comes from. */
static void origin_text(const char *kind, const parameters *with, uint64_t seed, char *text,
                        size_t size)
{
  size_t used = (size_t)snprintf(text, size, "speig generate %s", kind);
  for (int32_t i = 0; i < with->count && used < size; ++i)
    used +=
        (size_t)snprintf(text + used, size - used, " %s=%.15g", with->names[i], with->values[i]);
  if (used < size)
    snprintf(text + used, size - used, " --seed %" PRIu64, seed);
}

static int write_matrix(const generate_args *args, const char *kind, const parameters *with,
                        const speig_matrix *A)
{
  char origin[1024];
  speig_mm_write_opts opts = SPEIG_MM_WRITE_OPTS_INIT;
  speig_matrix_stats stats;
  int code = say_status(speig_matrix_get_stats(A, &stats));
  if (code != CLI_OK)
    return code;
  const speig_matrix_info info = speig_matrix_get_info(A);
  if (info.rows == info.cols && stats.symmetric_defect == 0)
    opts.symmetry = SPEIG_SYMMETRIC;
  else if (info.rows == info.cols && stats.hermitian_defect == 0)
    opts.symmetry = SPEIG_HERMITIAN;
  origin_text(kind, with, args->seed, origin, sizeof origin);
  opts.comment = origin;
  opts.gzip = args->gzip || has_ending(args->output, ".gz");
  return say_write_status(speig_mm_write(args->output, A, &opts));
}

static int run(int argc, char **argv)
{
  generate_args args = { 0 };
  parameters with = { 0 };
  speig_matrix *A = NULL;
  int code = options_parse(&verb_generate, &argc, argv, &args);
  if (code != OPTIONS_GO)
    return code;
  code = CLI_OK;
  if (args.list) {
    if (argc > 0)
      CLI_FAIL(CLI_USAGE, "speig generate --list takes no argument, found '%s'", argv[0]);
    print_list();
    goto done;
  }
  if (argc == 0)
    CLI_FAIL(CLI_USAGE, "speig generate: a matrix kind is needed; 'speig generate --list' lists "
                        "them");
  CLI_TRY(check_kind(argv[0]));
  for (int i = 1; i < argc; ++i)
    CLI_TRY(parse_parameter(argv[i], &with));
  CLI_TRY(say_status(speig_generate(argv[0], with.count, with.names, with.values, args.seed, &A)));
  if (args.spectrum)
    CLI_TRY(write_spectrum(args.output, argv[0], &with, speig_matrix_get_info(A).rows));
  else
    CLI_TRY(write_matrix(&args, argv[0], &with, A));
done:
  speig_matrix_destroy(&A);
  return code;
}

static const char *const examples[] = { "speig generate laplacian2d nx=100 ny=80 -o L.mtx",
                                        "the 5-point Laplacian of a rectangle",
                                        "speig generate --list", "every kind with its parameters",
                                        NULL };

const cli_verb verb_generate = {
  .name = "generate",
  .operands = "KIND [key=value ...]",
  .least_operands = 0,
  .most_operands = -1,
  .summary = "Write a model matrix with a known or well studied spectrum",
  .details = "Writes one triangle when the matrix is symmetric or Hermitian. The same seed gives "
             "the same matrix on every machine.",
  .examples = examples,
  .options = options,
  .run = run,
};
