/* cholmod.c: the module cholmod: ordering and supernodal analysis by CHOLMOD, behind symbolic.h.
 *
 * Method: approximate minimum degree, or nested dissection where that predicts much work, whichever
 * is better; supernodes with relaxed amalgamation. Chen, Davis, Hager, Rajamanickam, ACM Trans.
 * Math. Softw. 35 (2008). The numbers are none of this module's business.
 *
 * CHOLMOD's part Supernodal is under the GNU GPL, and so is a program that has this module beside
 * it; speig works without (SPEIG_CHOLMOD=OFF). */
#include "factor/symbolic.h"
#include "speig/types.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cholmod.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define TEXT_OF_(x) #x
#define TEXT_OF(x) TEXT_OF_(x)
#define CHOLMOD_NAME                                                                               \
  "CHOLMOD " TEXT_OF(CHOLMOD_MAIN_VERSION) "." TEXT_OF(CHOLMOD_SUB_VERSION) "." TEXT_OF(           \
      CHOLMOD_SUBSUB_VERSION)

typedef struct analysis {
  cholmod_common common;
  cholmod_factor *L;
} analysis;

static symbolic_code say(symbolic_code code, char *text, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, SYMBOLIC_TEXT, format, arguments);
  va_end(arguments);
  return code;
}

/* Quiet, always supernodal, and no supernodes so narrow that a solve is mostly overhead. */
static void set_controls(cholmod_common *common)
{
  common->print = 0;
  common->error_handler = NULL;
  common->supernodal = CHOLMOD_SUPERNODAL;
  common->final_ll = 1;
  common->useGPU = 0;
}

static const char *name_of(int ordering)
{
  switch (ordering) {
  case CHOLMOD_METIS:
    return "METIS";
  case CHOLMOD_AMD:
    return "AMD";
  case CHOLMOD_NATURAL:
    return "as given";
  default:
    return "by CHOLMOD";
  }
}

static void cholmod_release(symbolic_structure *structure)
{
  analysis *own = structure->owner;
  if (!own)
    return;
  (void)cholmod_l_free_factor(&own->L, &own->common);
  (void)cholmod_l_finish(&own->common);
  free(own);
  *structure = (symbolic_structure){ 0 };
}

/* METIS leaves megabytes in small pieces, which the C library would keep. Little of it may stay:
 * the pages would only be asked for again. */
static void give_back(int64_t entries)
{
  enum { LITTLE = 1 << 15 };
#ifdef __GLIBC__
  if (entries > LITTLE)
    (void)malloc_trim(0);
#else
  (void)entries;
#endif
}

static symbolic_code cholmod_look(int64_t n, const int64_t *at, const int64_t *col,
                                  symbolic_structure *out, char *text)
{
  analysis *own = calloc(1, sizeof *own);
  /* A lower triangle by rows is an upper one by columns. What is not to be written lost its const
   * here alone. */
  cholmod_sparse A = { .nrow = (size_t)n,
                       .ncol = (size_t)n,
                       .nzmax = (size_t)at[n],
                       .p = (void *)(uintptr_t)at,
                       .i = (void *)(uintptr_t)col,
                       .stype = 1,
                       .itype = CHOLMOD_LONG,
                       .xtype = CHOLMOD_PATTERN,
                       .dtype = CHOLMOD_DOUBLE,
                       .sorted = 1,
                       .packed = 1 };
  *out = (symbolic_structure){ 0 };
  if (!own)
    return say(SYMBOLIC_MEMORY, text, "CHOLMOD: no memory for an analysis");
  (void)cholmod_l_start(&own->common);
  set_controls(&own->common);
  own->L = cholmod_l_analyze(&A, &own->common);
  give_back(at[n]);
  out->owner = own;
  if (!own->L || !own->L->is_super) {
    int status = own->common.status;
    cholmod_release(out);
    if (status == CHOLMOD_OUT_OF_MEMORY || status == CHOLMOD_TOO_LARGE)
      return say(SYMBOLIC_MEMORY, text, "the analysis ran out of memory (CHOLMOD says %d)", status);
    return say(SYMBOLIC_FAILED, text, "the analysis failed (CHOLMOD says %d)", status);
  }
  out->n = n;
  out->count = (int64_t)own->L->nsuper;
  out->order = own->L->Perm;
  out->first = own->L->super;
  out->row_at = own->L->pi;
  out->row = own->L->s;
  out->ordering = name_of(own->L->ordering);
  return SYMBOLIC_OK;
}

SPEIG_API const symbolic_provider *speig_cholmod_module_get(void);

const symbolic_provider *speig_cholmod_module_get(void)
{
  static const symbolic_provider table = { SYMBOLIC_ABI, CHOLMOD_NAME, cholmod_look,
                                           cholmod_release };
  return &table;
}
