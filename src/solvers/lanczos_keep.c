/* lanczos_keep.c: what a Lanczos run is made of, to and from a file: the basis so far with the
 * vector behind it, T, and the numbers that decide what comes next. A run goes on from it with the
 * bits it would have had. */
#include "base/error.h"
#include "base/memory.h"
#include "solvers/checkpoint.h"
#include "solvers/lanczos.h"

#include <math.h>

/* Vectors and T. */
static speig_status archive_basis(archive *a, lanczos *L)
{
  speig_status st = SPEIG_OK;
  multivec V;
  TRY(archive_int32(a, "kept", &L->kept));
  TRY(archive_int32(a, "filled", &L->filled));
  TRY(archive_int(a, "exhausted", &L->exhausted));
  TRY(archive_expect(a, "filled", L->filled, 0, L->m));
  TRY(archive_expect(a, "kept", L->kept, 0, L->filled));
  TRY(archive_reals(a, "diagonal", L->filled, L->diag));
  TRY(archive_reals(a, "beside it", L->filled, L->off));
  V = mv_columns(&L->basis, L->y, L->filled + (L->exhausted ? 0 : 1));
  TRY(archive_block(a, "basis", &V));
done:
  return st;
}

static speig_status archive_filter_of(archive *a, lanczos *L)
{
  enum { HUGE_DEGREE = 1 << 20 };
  speig_status st = SPEIG_OK;
  TRY(archive_int32(a, "degree", &L->filter.degree));
  TRY(archive_real(a, "low", &L->filter.low));
  TRY(archive_real(a, "high", &L->filter.high));
  TRY(archive_int(a, "upper", &L->filter.upper));
  TRY(archive_int(a, "stages", &L->stages));
  TRY(archive_int64(a, "restarts of the stage", &L->stage_restarts));
  TRY(archive_expect(a, "degree", L->filter.degree, 0, HUGE_DEGREE));
done:
  return st;
}

static speig_status archive_history(archive *a, lanczos *L)
{
  speig_status st = SPEIG_OK;
  TRY(archive_int64(a, "restarts", &L->restarts));
  TRY(archive_uint64(a, "draws", &L->draws));
  TRY(archive_int(a, "broke down", &L->broke_down));
  TRY(archive_int32(a, "batch", &L->batch));
  TRY(archive_real(a, "lowest", &L->lowest));
  TRY(archive_real(a, "highest", &L->highest));
  TRY(archive_real(a, "norm", &L->norm_a));
  TRY(archive_real(a, "norm in use", &L->norm_op));
done:
  return st;
}

/* Estimates of lost orthogonality. A run that needs none reads past those of one that did. */
static speig_status archive_omega(archive *a, lanczos *L, double *loss)
{
  speig_status st = SPEIG_OK;
  omega *W = &L->omega;
  int32_t count = L->filled + 1;
  double *unread = NULL;
  TRY(archive_real(a, "loss", loss));
  TRY(archive_int(a, "passed", &W->passed));
  TRY(archive_int(a, "again", &W->again));
  if (!(*loss > 0))
    goto done;
  if (!(W->eta > 0))
    TRY(MEM_ARRAY(count, "orthogonality", &unread));
  TRY(archive_reals(a, "orthogonality", count, unread ? unread : W->now));
  TRY(archive_reals(a, "orthogonality", count, unread ? unread : W->before));
done:
  mem_free(unread);
  return st;
}

speig_status lanczos_archive(archive *a, lanczos *L, double *loss)
{
  speig_status st = SPEIG_OK;
  TRY(archive_basis(a, L));
  TRY(archive_filter_of(a, L));
  TRY(archive_history(a, L));
  TRY(archive_omega(a, L, loss));
done:
  return st;
}

speig_status lanczos_adopt(lanczos *L, double loss)
{
  speig_status st = SPEIG_OK;
  int32_t best = L->problem->k < L->filled ? L->problem->k : L->filled;
  if (loss > lanczos_allowed_loss(L->problem, L->eps) && L->filled > 0 && !L->exhausted) {
    /* What the basis has lost is more than residuals may now have: from its best vectors. */
    TRY(ritz_compute(L));
    TRY(stage_again(L, &L->filter, best));
    L->problem->checkpoint->resumed = SPEIG_RESUMED_VECTORS;
    loss = 0;
  }
  L->is_lossy = loss > 0;
  for (int32_t i = 0; L->omega.eta > 0 && !(loss > 0) && i <= L->filled; ++i)
    L->omega.now[i] = L->omega.before[i] = L->eps; /* nothing was lost */
  if (L->omega.eta > 0 && !(loss > 0))
    L->omega.again = 1;
done:
  return st;
}
