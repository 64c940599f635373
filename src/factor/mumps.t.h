/* mumps.t.h: one scalar type of the module mumps; included by mumps.c with STRUC, CALL, NUMBER and
 * NAME bound to it. */

typedef struct NAME(mumps) {
  STRUC m;
  int32_t *order; /* [n] our own ordering, from 1; NULL: that of MUMPS */
  int is_open;
} NAME(mumps);

static provider_code NAME(run)(STRUC *m, int job, const char *what, char *text)
{
  (void)pthread_mutex_lock(&lock);
  m->job = job;
  CALL(m);
  (void)pthread_mutex_unlock(&lock);
  return judge(m->infog[0], m->infog[1], what, text);
}

static void NAME(close)(void *instance)
{
  NAME(mumps) *I = instance;
  char ignored[PROVIDER_TEXT];
  if (!I)
    return;
  if (I->is_open)
    (void)NAME(run)(&I->m, -2, "closing", ignored);
  free(I->order);
  free(I);
}

static provider_code NAME(open)(int symmetric, void **instance, char *text)
{
  NAME(mumps) *I = calloc(1, sizeof *I);
  provider_code code;
  *instance = NULL;
  if (!I)
    return say(PROVIDER_MEMORY, text, "MUMPS: no memory for an instance");
  I->m.sym = symmetric ? 2 : 0;
  I->m.par = 1;
  I->m.comm_fortran = USE_COMM_WORLD;
  code = NAME(run)(&I->m, -1, "opening", text);
  if (code != PROVIDER_OK) {
    free(I);
    return code;
  }
  I->is_open = 1;
  set_controls(I->m.icntl, I->m.keep);
  *instance = I;
  return PROVIDER_OK;
}

static void NAME(facts)(const STRUC *m, provider_facts *facts)
{
  int64_t entries = m->infog[m->infog[8] ? 8 : 2];
  facts->flops = m->rinfog[0];
  /* Counts beyond 2^31 are given as minus millions. */
  facts->factor_entries = entries < 0 ? -entries * 1000000 : entries;
  facts->bytes = (size_t)m->infog[15] * 1000000;
  facts->negative = m->infog[11];
}

/* Minimum degree first, which is fast and good for small and flat problems; where it predicts much
 * work, nested dissection, and the better of the two. */
static provider_code NAME(analyse)(void *instance, const provider_system *system,
                                   provider_facts *facts, char *text)
{
  NAME(mumps) *I = instance;
  STRUC *m = &I->m;
  provider_code code;
  double flops;
  m->n = (MUMPS_INT)system->n;
  m->nnz = system->entries;
  m->irn = (MUMPS_INT *)(uintptr_t)system->row; /* read only, though not declared so */
  m->jcn = (MUMPS_INT *)(uintptr_t)system->col;
  m->icntl[6] = ORDER_AMD;
  code = NAME(run)(m, 1, "the analysis", text);
  if (code != PROVIDER_OK)
    return code;
  NAME(facts)(m, facts);
  facts->ordering = "AMD";
  flops = facts->flops;
  if (flops < DISSECT_FLOPS_PER_ROW * (double)system->n || !can_dissect())
    return code;
  I->order = calloc((size_t)system->n, sizeof *I->order);
  if (!I->order || !dissect(system, I->order))
    return PROVIDER_OK; /* what there is will do */
  m->icntl[6] = ORDER_GIVEN;
  m->perm_in = I->order;
  code = NAME(run)(m, 1, "the analysis", text);
  if (code == PROVIDER_OK && m->rinfog[0] <= flops) {
    NAME(facts)(m, facts);
    facts->ordering = "METIS";
    return code;
  }
  m->icntl[6] = ORDER_AMD;
  return NAME(run)(m, 1, "the analysis", text);
}

static provider_code NAME(factorise)(void *instance, const void *values, size_t bytes,
                                     provider_facts *facts, char *text)
{
  enum { ATTEMPTS = 6 };
  NAME(mumps) *I = instance;
  STRUC *m = &I->m;
  provider_code code = PROVIDER_OK;
  m->a = (NUMBER *)(uintptr_t)values;
  m->icntl[22] = bytes ? (MUMPS_INT)(bytes / 1000000 + 1) : 0;
  m->icntl[13] = RELAXATION;
  for (int attempt = 0; attempt < ATTEMPTS; ++attempt) {
    code = NAME(run)(m, 2, "the factorization", text);
    /* Delayed pivots need more room than the analysis could know. */
    if (!wants_more_room(m->infog[0]))
      break;
    m->icntl[13] = 2 * m->icntl[13] + 50;
    m->icntl[22] = 0;
    if (bytes && attempt > 1)
      break;
  }
  NAME(facts)(m, facts);
  return code;
}

static provider_code NAME(solve)(void *instance, int transposed, int32_t p, int64_t ld, void *x,
                                 char *text)
{
  NAME(mumps) *I = instance;
  STRUC *m = &I->m;
  if (ld > INT32_MAX)
    return say(PROVIDER_FAILED, text, "MUMPS: a leading dimension beyond 2^31");
  m->rhs = x;
  m->nrhs = p;
  m->lrhs = (MUMPS_INT)ld;
  m->icntl[8] = transposed ? 0 : 1;
  m->icntl[26] = p < BLOCK ? p : BLOCK;
  return NAME(run)(m, 3, "the solution", text);
}
