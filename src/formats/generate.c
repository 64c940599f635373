/* generate.c: looks a generator up, checks its parameters and assembles its matrix.
 *
 * Rows are made twice, first counted and then stored, on all cores: 10^7 rows of a Laplacian take
 * seconds. Nothing depends on the number of threads, since every random number is a hash of its
 * place. The catalogue itself is generate_table.c.                                              */
#include "formats/generate.h"

#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "a, b, c" of the names in a table with stride bytes per entry, the name being its first member.
 */
static const char *list_names(const void *table, size_t stride, char *text, size_t size)
{
  size_t used = 0;
  text[0] = '\0';
  for (const char *entry = (const char *)table;; entry += stride) {
    const char *name;
    memcpy(&name, entry, sizeof name);
    if (!name)
      return text[0] ? text : "(none)";
    if (used < size)
      used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
  }
}

static speig_status check_param(const speig_generator *g, const speig_generator_param *param,
                                double value)
{
  speig_status st = SPEIG_OK;
  REQUIRE(value >= param->min && value <= param->max, "%s: %s = %g, needed: from %g to %g", g->name,
          param->name, value, param->min, param->max);
  REQUIRE(!param->whole || value == floor(value), "%s: %s = %.17g, needed: a whole number", g->name,
          param->name, value);
done:
  return st;
}

static speig_status set_param(generator_case *c, const char *name, double value, unsigned *given)
{
  speig_status st = SPEIG_OK;
  const speig_generator_param *params = c->generator->params;
  char text[512];
  int at = 0;
  REQUIRE(name, "%s: a parameter name is NULL", c->generator->name);
  while (params[at].name && strcmp(params[at].name, name) != 0)
    ++at;
  REQUIRE(params[at].name, "%s: no parameter '%s'; it has: %s", c->generator->name, name,
          list_names(params, sizeof *params, text, sizeof text));
  REQUIRE(!(*given & 1u << at), "%s: %s is given twice", c->generator->name, name);
  TRY(check_param(c->generator, &params[at], value));
  *given |= 1u << at;
  c->p[at] = value;
done:
  return st;
}

/* Finds the generator, fills in defaults and sets the order. */
static speig_status open_case(const char *name, int32_t count, const char *const *names,
                              const double *values, uint64_t seed, generator_case *c)
{
  speig_status st = SPEIG_OK;
  char text[800];
  unsigned given = 0;
  *c = (generator_case){ .generator = speig_generators(), .seed = seed, .dtype = SPEIG_D };
  REQUIRE(name, "no generator named");
  REQUIRE(count == 0 || (count > 0 && names && values), "%s: %" PRId32 " parameters without arrays",
          name, count);
  while (c->generator->name && strcmp(c->generator->name, name) != 0)
    ++c->generator;
  REQUIRE(c->generator->name, "no generator '%s'; there are: %s", name,
          list_names(speig_generators(), sizeof *c->generator, text, sizeof text));
  for (int i = 0; c->generator->params[i].name; ++i)
    c->p[i] = c->generator->params[i].value;
  for (int32_t i = 0; i < count; ++i)
    TRY(set_param(c, names[i], values[i], &given));
  TRY(c->generator->rules->order(c));
done:
  return st;
}

speig_status order_product(generator_case *c, int count)
{
  speig_status st = SPEIG_OK;
  int64_t n = 1;
  for (int i = 0; i < count; ++i) {
    if (i > 0 && c->p[i] == 0)
      c->p[i] = c->p[i - 1];
    REQUIRE((int64_t)c->p[i] <= INT32_MAX / n, "%s: more than 2^31 - 1 rows", c->generator->name);
    n *= (int64_t)c->p[i];
  }
  c->n = n;
done:
  return st;
}

speig_status order_first(generator_case *c)
{
  return order_product(c, 1);
}

/* Counts each row into rowptr[i + 1], then sums up. */
static void count_rows(const generator_case *c, int64_t *rowptr)
{
  rowptr[0] = 0;
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < c->n; ++i) {
    row_sink sink = { 0 };
    c->generator->rules->row(c, i, &sink);
    rowptr[i + 1] = sink.count;
  }
  for (int64_t i = 0; i < c->n; ++i)
    rowptr[i + 1] += rowptr[i];
}

/* Returns how many entries do not lie to the right of the one before. */
static int64_t store_rows(const generator_case *c, speig_matrix *A)
{
  size_t size = speig_dtype_size(c->dtype);
  int64_t disorder = 0;
#pragma omp parallel for schedule(static) reduction(+ : disorder)
  for (int64_t i = 0; i < c->n; ++i) {
    row_sink sink = { .col = A->colind + A->rowptr[i],
                      .value = (double *)(void *)((char *)A->values + (size_t)A->rowptr[i] * size),
                      .is_complex = c->dtype == SPEIG_Z };
    c->generator->rules->row(c, i, &sink);
    for (int64_t e = 1; e < sink.count; ++e)
      disorder += sink.col[e] <= sink.col[e - 1];
  }
  return disorder;
}

static speig_status assemble_rows(const generator_case *c, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  int64_t *rowptr = NULL;
  speig_matrix *A = NULL;
  TRY(MEM_ARRAY(c->n + 1, "generated row offsets", &rowptr));
  count_rows(c, rowptr);
  TRY(matrix_alloc(c->dtype, c->n, c->n, rowptr[c->n], &A));
  memcpy(A->rowptr, rowptr, (size_t)(c->n + 1) * sizeof *rowptr);
  if (store_rows(c, A) > 0)
    TRY(matrix_sort_rows(A));
  *out = A;
  A = NULL;
done:
  speig_matrix_destroy(&A);
  mem_free(rowptr);
  return st;
}

speig_status speig_generate(const char *name, int32_t count, const char *const *names,
                            const double *values, uint64_t seed, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  generator_case c = { 0 };
  REQUIRE(out, "no place for the generated matrix");
  *out = NULL;
  TRY(open_case(name, count, names, values, seed, &c));
  if (c.generator->rules->edge)
    TRY(graph_from_edges(&c, out));
  else
    TRY(assemble_rows(&c, out));
  if (!c.generator->rules->general)
    (*out)->declared = c.dtype == SPEIG_Z ? SPEIG_HERMITIAN : SPEIG_SYMMETRIC;
done:
  mem_free(c.table);
  return st;
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

speig_status speig_generate_spectrum(const char *name, int32_t count, const char *const *names,
                                     const double *values, double *eigenvalues)
{
  speig_status st = SPEIG_OK;
  generator_case c = { 0 };
  REQUIRE(eigenvalues, "no place for the eigenvalues");
  TRY(open_case(name, count, names, values, 0, &c));
  if (!c.generator->rules->spectrum)
    FAIL(SPEIG_ERR_UNSUPPORTED, "%s: its eigenvalues have no formula", name);
  TRY(c.generator->rules->spectrum(&c, eigenvalues));
  qsort(eigenvalues, (size_t)c.n, sizeof *eigenvalues, ascending);
done:
  mem_free(c.table);
  return st;
}
