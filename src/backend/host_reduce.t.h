/* host_reduce.t.h: the entries that sum over rows: gram, dots, norms and what is fused with them.
 *
 * Groups of row chunks (host.h) are summed by one thread each into partial results, which are then
 * added in order: the same bits for any number of threads.                                      */

static REAL *TYPED(column)(const multivec *X, int64_t row, int64_t col)
{
  return (REAL *)X->data + (row + col * X->ld) * TYPED(reals);
}

/* total[i] = sum over groups of partial[group * count + i] */
static void TYPED(add_groups)(int64_t groups, int64_t count, const double *partial, double *total)
{
  for (int64_t i = 0; i < count; ++i)
    total[i] = groups > 0 ? partial[i] : 0;
  for (int64_t g = 1; g < groups; ++g)
    for (int64_t i = 0; i < count; ++i)
      total[i] += partial[g * count + i];
}

/* ---- norms ----
 * The sum of squares is trusted unless it is out of this range, where a square may have over- or
 * underflowed. (Squares of floats in double cannot.) */
static int TYPED(square_is_safe)(double square)
{
  return square > 0x1p-900 && square < 0x1p1000;
}

/* ||x|| by way of max |x_i|: x is divided by a power of two near it before squaring. Sequential and
 * seldom needed; NaN and Inf pass through. */
static double TYPED(careful_norm)(int64_t reals, const REAL *x)
{
  double largest = 0, sum = 0;
  int exponent;
  for (int64_t i = 0; i < reals; ++i) {
    double size = fabs((double)x[i]);
    largest = size > largest || size != size ? size : largest;
    if (size != size)
      return size;
  }
  if (largest == 0 || largest > DBL_MAX)
    return largest;
  (void)frexp(largest, &exponent);
  for (int64_t i = 0; i < reals; ++i) {
    double part = ldexp((double)x[i], -exponent);
    sum += part * part;
  }
  return ldexp(sqrt(sum), exponent);
}

/* norm[j] from the sums of squares of X's columns. */
static void TYPED(finish_norms)(const multivec *X, const double *square, double *norm)
{
  for (int32_t j = 0; j < X->p; ++j)
    norm[j] = TYPED(square_is_safe)(square[j])
                  ? sqrt(square[j])
                  : TYPED(careful_norm)(X->n * TYPED(reals), TYPED(column)(X, 0, j));
}

/* d_j = Re x_j^H y_j over one group, strip by strip. */
static void TYPED(dot_group)(int64_t from, int64_t to, const multivec *X, const multivec *Y,
                             double *d)
{
  int64_t rows = host_strip_rows(1, sizeof(SCALAR));
  for (int32_t j = 0; j < X->p; ++j) {
    d[j] = 0;
    for (int64_t i = from; i < to; i += rows) {
      int64_t m = (to - i < rows ? to - i : rows) * TYPED(reals);
      d[j] += TYPED(dot_strip)(m, TYPED(column)(X, i, j), TYPED(column)(Y, i, j));
    }
  }
}

static speig_status TYPED(host_real_dots)(const multivec *X, const multivec *Y, double *d)
{
  speig_status st = SPEIG_OK;
  int64_t groups = host_groups(X->n, X->p);
  int threads = host_share(X->be, groups, X->n * X->p);
  double *partial;
  TRY(host_workspace(X->be, groups * X->p, sizeof(double), (void **)&partial));
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g)
    TYPED(dot_group)
  (host_group_row(X->n, groups, g), host_group_row(X->n, groups, g + 1), X, Y, partial + g * X->p);
  TYPED(add_groups)(groups, X->p, partial, d);
done:
  return st;
}

static speig_status TYPED(host_norms)(const multivec *X, double *norm)
{
  speig_status st = SPEIG_OK;
  TRY(TYPED(host_real_dots)(X, X, norm));
  TYPED(finish_norms)(X, norm, norm);
done:
  return st;
}

static speig_status TYPED(host_axpy_norm)(double a, const multivec *x, multivec *y, double *norm)
{
  speig_status st = SPEIG_OK;
  int64_t groups = host_groups(x->n, 1), rows = host_strip_rows(1, sizeof(SCALAR));
  int threads = host_share(x->be, groups, x->n);
  small one = { .rows = 1, .cols = 1, .ld = 1, .data = &a };
  double *partial, square;
  TRY(host_workspace(x->be, groups, sizeof(double), (void **)&partial));
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t to = host_group_row(x->n, groups, g + 1);
    double sum = 0;
    for (int64_t i = host_group_row(x->n, groups, g); i < to; i += rows) {
      int64_t m = (to - i < rows ? to - i : rows) * TYPED(reals);
      REAL *strip = TYPED(column)(y, i, 0);
      TYPED(mul_strip)(m, 1, TYPED(column)(x, i, 0), 0, &one, 1, strip, 0);
      sum += TYPED(dot_strip)(m, strip, strip);
    }
    partial[g] = sum;
  }
  TYPED(add_groups)(groups, 1, partial, &square);
  TYPED(finish_norms)(y, &square, norm);
done:
  return st;
}

/* ---- Gram matrices ---- */

/* H from p x q scalars in `total`; of a symmetric one the lower triangle is given. */
static void TYPED(store_gram)(const double *total, int symmetric, small *H)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  for (int64_t j = 0; j < H->cols; ++j)
    for (int64_t i = 0; i < H->rows; ++i) {
      double *h = H->data + (i + j * H->ld) * K;
      int mirror = symmetric && i < j;
      const double *from = total + (mirror ? j + i * H->rows : i + j * H->rows) * K;
      h[0] = from[0];
      if (IS_COMPLEX)
        h[K - 1] = mirror ? -from[K - 1] : symmetric && i == j ? 0 : from[K - 1];
    }
}

/* One group of project: X -= Q U (unless U is NULL), h = Q^H X, squares of X's columns (unless
 * NULL): one pass over Q, the strip stays in cache between the update and the products. */
static void TYPED(project_group)(int64_t from, int64_t to, const multivec *Q, const small *U,
                                 multivec *X, int symmetric, double *h, double *square)
{
  int64_t rows = host_strip_rows(Q->p + X->p, sizeof(SCALAR));
  memset(h, 0, sizeof(double) * TYPED(reals) * (size_t)Q->p * (size_t)X->p);
  for (int32_t j = 0; square && j < X->p; ++j)
    square[j] = 0;
  for (int64_t i = from; i < to; i += rows) {
    int64_t m = (to - i < rows ? to - i : rows) * TYPED(reals);
    int64_t ldq = Q->ld * TYPED(reals), ldx = X->ld * TYPED(reals);
    const REAL *q = TYPED(column)(Q, i, 0);
    REAL *x = TYPED(column)(X, i, 0);
    if (U)
      TYPED(mul_strip)(m, -1, q, ldq, U, 1, x, ldx);
    TYPED(gram_strip)(m, q, ldq, Q->p, x, ldx, X->p, symmetric, h, Q->p);
    for (int32_t j = 0; square && j < X->p; ++j)
      square[j] += TYPED(dot_strip)(m, x + j * ldx, x + j * ldx);
  }
}

static speig_status TYPED(host_project)(const multivec *Q, const small *U, multivec *X, small *H,
                                        double *norm)
{
  speig_status st = SPEIG_OK;
  int symmetric = Q->data == X->data && Q->ld == X->ld && Q->p == X->p;
  int64_t products = (int64_t)Q->p * X->p * TYPED(reals), count = products + X->p;
  int64_t groups = host_groups(X->n, count);
  int threads = host_share(X->be, groups, X->n * count);
  double *partial, *total;
  TRY(host_workspace(X->be, (groups + 1) * count, sizeof(double), (void **)&partial));
  total = partial + groups * count;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    double *own = partial + g * count;
    TYPED(project_group)
    (host_group_row(X->n, groups, g), host_group_row(X->n, groups, g + 1), Q, U, X, symmetric, own,
     norm ? own + products : NULL);
    for (int32_t j = 0; !norm && j < X->p; ++j)
      own[products + j] = 0;
  }
  TYPED(add_groups)(groups, count, partial, total);
  TYPED(store_gram)(total, symmetric, H);
  if (norm)
    TYPED(finish_norms)(X, total + products, norm);
done:
  return st;
}

static speig_status TYPED(host_gram)(const multivec *X, const multivec *Y, small *H)
{
  multivec read_only = *Y; /* nothing is written without an update */
  return TYPED(host_project)(X, NULL, &read_only, H, NULL);
}
