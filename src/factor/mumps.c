/* mumps.c: the module mumps: MUMPS (sequential) behind the table of provider.h.
 *
 * Method: multifrontal L D L^T and L U with threshold pivoting; Amestoy, Duff, L'Excellent, Koster,
 * SIAM J. Matrix Anal. Appl. 23 (2001). Ordering: approximate minimum degree, or nested dissection
 * by METIS. MUMPS keeps state of its own between calls, so one call runs at a time.
 *
 * The archives of MUMPS and of its stand-in for MPI are linked into this module and their symbols
 * hidden: neither can they answer the MPI calls of the program, nor can a real MPI answer theirs.
 */
#include "factor/provider.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmumps_c.h>
#include <dmumps_c.h>
#include <smumps_c.h>
#include <zmumps_c.h>

#ifdef SPEIG_HAVE_METIS
#include <metis.h>
#endif

enum {
  USE_COMM_WORLD = -987654,
  ORDER_AMD = 0,
  ORDER_GIVEN = 1,
  RELAXATION = 30, /* percent of room beyond what the analysis predicts */
  BLOCK = 32 /* right-hand sides that are solved together */
};
/* Above this METIS (some 10 microseconds per row) pays: it more than halves the work in space. */
static const double DISSECT_FLOPS_PER_ROW = 1e5;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static provider_code say(provider_code code, char *text, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, PROVIDER_TEXT, format, arguments);
  va_end(arguments);
  return code;
}

static int wants_more_room(int info)
{
  return info == -8 || info == -9 || info == -14 || info == -15 || info == -19 || info == -20;
}

/* The codes of the manual, section 8. */
static provider_code judge(int info, int detail, const char *what, char *text)
{
  if (info >= 0)
    return PROVIDER_OK;
  if (info == -10 || info == -6)
    return say(PROVIDER_SINGULAR, text, "the matrix is singular (pivot %d)", detail);
  if (wants_more_room(info) || info == -7 || info == -13)
    return say(PROVIDER_MEMORY, text, "%s ran out of memory (MUMPS says %d, %d)", what, info,
               detail);
  return say(PROVIDER_FAILED, text, "%s failed (MUMPS says %d, %d)", what, info, detail);
}

/* Quiet; no root node for ScaLAPACK, which would hide its inertia. keep[0], the pivots below which
 * a node is merged with its parent, is 5 by default: so small that a triangular solve is mostly
 * overhead. Twelve doubled the speed of solves on flat meshes for a third more numbers. */
static void set_controls(MUMPS_INT *icntl, MUMPS_INT *keep)
{
  keep[0] = 12;
  icntl[0] = icntl[1] = icntl[2] = -1;
  icntl[3] = 0;
  icntl[12] = 1;
  icntl[13] = RELAXATION;
}

#ifdef SPEIG_HAVE_METIS
static int can_dissect(void)
{
  return 1;
}

/* The graph of the groups: both directions of each entry, duplicates included. Returns 0 when it
 * does not fit METIS's indices or memory. */
static int make_graph(const provider_system *system, idx_t nodes, idx_t **first, idx_t **neighbour)
{
  int group = system->group;
  int64_t total = 0;
  idx_t *start = calloc((size_t)nodes + 2, sizeof *start), *to;
  *first = start;
  *neighbour = NULL;
  if (!start)
    return 0;
  for (int64_t e = 0; e < system->entries; ++e) {
    int32_t i = (system->row[e] - 1) / group, j = (system->col[e] - 1) / group;
    if (i == j || (system->row[e] - 1) % group || (system->col[e] - 1) % group)
      continue;
    ++start[i + 2];
    ++start[j + 2];
    total += 2;
  }
  if (total > INT32_MAX - 1)
    return 0;
  for (idx_t i = 0; i < nodes; ++i)
    start[i + 2] += start[i + 1];
  to = malloc(((size_t)total + 1) * sizeof *to);
  *neighbour = to;
  if (!to)
    return 0;
  for (int64_t e = 0; e < system->entries; ++e) {
    int32_t i = (system->row[e] - 1) / group, j = (system->col[e] - 1) / group;
    if (i == j || (system->row[e] - 1) % group || (system->col[e] - 1) % group)
      continue;
    to[start[i + 1]++] = j;
    to[start[j + 1]++] = i;
  }
  return 1;
}

/* order[v] = place of unknown v, both from 1. */
static int dissect(const provider_system *system, int32_t *order)
{
  int group = system->group, done;
  idx_t nodes = (idx_t)(system->n / group), options[METIS_NOPTIONS];
  idx_t *first = NULL, *neighbour = NULL;
  idx_t *sequence = malloc(((size_t)nodes + 1) * sizeof *sequence);
  idx_t *place = malloc(((size_t)nodes + 1) * sizeof *place);
  METIS_SetDefaultOptions(options);
  options[METIS_OPTION_SEED] = 1;
  done = sequence && place && make_graph(system, nodes, &first, &neighbour) &&
         METIS_NodeND(&nodes, first, neighbour, NULL, options, sequence, place) == METIS_OK;
  for (idx_t v = 0; done && v < nodes; ++v)
    for (int g = 0; g < group; ++g)
      order[(int64_t)v * group + g] = (int32_t)(place[v] * group + g + 1);
  free(first);
  free(neighbour);
  free(sequence);
  free(place);
  return done;
}
#else
static int can_dissect(void)
{
  return 0;
}
static int dissect(const provider_system *system, int32_t *order)
{
  (void)system;
  (void)order;
  return 0;
}
#endif

#define STRUC SMUMPS_STRUC_C
#define CALL smumps_c
#define NUMBER SMUMPS_REAL
#define NAME(x) x##_s
#include "factor/mumps.t.h"
#undef STRUC
#undef CALL
#undef NUMBER
#undef NAME
#define STRUC DMUMPS_STRUC_C
#define CALL dmumps_c
#define NUMBER DMUMPS_REAL
#define NAME(x) x##_d
#include "factor/mumps.t.h"
#undef STRUC
#undef CALL
#undef NUMBER
#undef NAME
#define STRUC CMUMPS_STRUC_C
#define CALL cmumps_c
#define NUMBER mumps_complex
#define NAME(x) x##_c
#include "factor/mumps.t.h"
#undef STRUC
#undef CALL
#undef NUMBER
#undef NAME
#define STRUC ZMUMPS_STRUC_C
#define CALL zmumps_c
#define NUMBER mumps_double_complex
#define NAME(x) x##_z
#include "factor/mumps.t.h"

/* An instance as the core sees it: its type chooses the functions. */
typedef struct mumps_functions {
  provider_code (*open)(int symmetric, void **instance, char *text);
  provider_code (*analyse)(void *, const provider_system *, provider_facts *, char *);
  provider_code (*factorise)(void *, const void *, size_t, provider_facts *, char *);
  provider_code (*solve)(void *, int, int32_t, int64_t, void *, char *);
  void (*close)(void *);
} mumps_functions;

typedef struct mumps_instance {
  const mumps_functions *f;
  void *typed;
} mumps_instance;

static const mumps_functions functions[4] = {
  { open_s, analyse_s, factorise_s, solve_s, close_s },
  { open_d, analyse_d, factorise_d, solve_d, close_d },
  { open_c, analyse_c, factorise_c, solve_c, close_c },
  { open_z, analyse_z, factorise_z, solve_z, close_z },
};

static provider_code mumps_open(speig_dtype dtype, int symmetric, void **instance, char *text)
{
  mumps_instance *I = calloc(1, sizeof *I);
  provider_code code;
  *instance = NULL;
  if (!I)
    return say(PROVIDER_MEMORY, text, "MUMPS: no memory for an instance");
  I->f = &functions[dtype];
  code = I->f->open(symmetric, &I->typed, text);
  if (code != PROVIDER_OK)
    free(I);
  else
    *instance = I;
  return code;
}

static provider_code mumps_analyse(void *instance, const provider_system *system,
                                   provider_facts *facts, char *text)
{
  mumps_instance *I = instance;
  return I->f->analyse(I->typed, system, facts, text);
}

static provider_code mumps_factorise(void *instance, const void *values, size_t bytes,
                                     provider_facts *facts, char *text)
{
  mumps_instance *I = instance;
  return I->f->factorise(I->typed, values, bytes, facts, text);
}

static provider_code mumps_solve(void *instance, int transposed, int32_t p, int64_t ld, void *x,
                                 char *text)
{
  mumps_instance *I = instance;
  return I->f->solve(I->typed, transposed, p, ld, x, text);
}

static void mumps_close(void *instance)
{
  mumps_instance *I = instance;
  if (!I)
    return;
  I->f->close(I->typed);
  free(I);
}

SPEIG_API const provider *speig_mumps_module_get(void);

const provider *speig_mumps_module_get(void)
{
  static const provider table = { PROVIDER_ABI,  "MUMPS " MUMPS_VERSION, mumps_open,
                                  mumps_analyse, mumps_factorise,        mumps_solve,
                                  mumps_close };
  return &table;
}
