/* reference.c: the oracle: plain loops on one thread, every other backend is tested against it.
 * Nothing is fused, so the compositions of backend.c run here.                                  */
#include "backend/tables.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

typedef struct reference_matrix {
  backend_matrix base;
  const speig_matrix *A;
} reference_matrix;

static void ref_release(backend *be, void *data)
{
  (void)be;
  mem_free(data);
}

static speig_status ref_matrix_open(backend *be, const speig_matrix *A, backend_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix_info info = speig_matrix_get_info(A);
  reference_matrix *M = NULL;
  TRY(MEM_ZARRAY(1, "matrix", &M));
  *M = (reference_matrix){ { be, info.rows, info.cols }, A };
  *out = &M->base;
done:
  return st;
}

static void ref_matrix_close(backend *be, backend_matrix *A)
{
  (void)be;
  mem_free(A);
}

#define SPEIG_TEMPLATE "backend/reference.t.h"
#include "base/instantiate.h"

const backend_ops *backend_reference_table(speig_dtype dtype)
{
  static const backend_ops *const tables[] = { &reference_s, &reference_d, &reference_c,
                                               &reference_z };
  return tables[dtype];
}
