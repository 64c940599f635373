/* reference.t.h: the oracle's loops for one scalar type. One entry after the other, sums in double,
 * nothing fused: kept simple for ever.                                                          */

static SCALAR *TYPED(entry)(const multivec *X, int64_t i, int32_t j)
{
  return (SCALAR *)X->data + i + (int64_t)j * X->ld;
}

static SCALAR TYPED(small_entry)(const small *M, int32_t i, int32_t j)
{
  const double *m = M->data + (i + (int64_t)j * M->ld) * (M->is_complex ? 2 : 1);
  return MAKE(m[0], M->is_complex ? m[1] : 0);
}

static speig_status TYPED(ref_alloc)(backend *be, int64_t n, int32_t p, void **data, int64_t *ld)
{
  (void)be;
  *ld = n;
  return mem_zalloc(n * p, sizeof(SCALAR), "block of vectors", data);
}

static speig_status TYPED(ref_upload)(const void *host, int64_t ldh, multivec *X)
{
  for (int32_t j = 0; j < X->p; ++j)
    for (int64_t i = 0; i < X->n; ++i)
      *TYPED(entry)(X, i, j) = ((const SCALAR *)host)[i + j * ldh];
  return SPEIG_OK;
}

static speig_status TYPED(ref_download)(const multivec *X, void *host, int64_t ldh)
{
  for (int32_t j = 0; j < X->p; ++j)
    for (int64_t i = 0; i < X->n; ++i)
      ((SCALAR *)host)[i + j * ldh] = *TYPED(entry)(X, i, j);
  return SPEIG_OK;
}

static speig_status TYPED(ref_copy)(const multivec *X, multivec *Y)
{
  return TYPED(ref_upload)(X->data, X->ld, Y);
}

static speig_status TYPED(ref_zero)(multivec *X)
{
  for (int32_t j = 0; j < X->p; ++j)
    for (int64_t i = 0; i < X->n; ++i)
      *TYPED(entry)(X, i, j) = 0;
  return SPEIG_OK;
}

static speig_status TYPED(ref_fill_random)(uint64_t seed, multivec *X)
{
  for (int32_t j = 0; j < X->p; ++j)
    for (int64_t i = 0; i < X->n; ++i)
      *TYPED(entry)(X, i, j) = MAKE(random_uniform(seed, i, j, 0), random_uniform(seed, i, j, 1));
  return SPEIG_OK;
}

static speig_status TYPED(ref_apply)(backend_matrix *A, double alpha, const multivec *X,
                                     double beta, multivec *Y)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_matrix_arrays(((reference_matrix *)A)->A, &rowptr, &colind, &values);
  for (int32_t j = 0; j < X->p; ++j)
    for (int64_t i = 0; i < Y->n; ++i) {
      SCALAR *y = TYPED(entry)(Y, i, j), old = beta == 0 ? 0 : (REAL)beta * *y;
      long double re = 0, im = 0; /* a row of thousands of equal terms must not drift */
      for (int64_t k = rowptr[i]; k < rowptr[i + 1]; ++k) {
        SCALAR a = ((const SCALAR *)values)[k], x = *TYPED(entry)(X, colind[k], j);
        re += (long double)RE(a) * RE(x) - (long double)IM(a) * IM(x);
        im += (long double)RE(a) * IM(x) + (long double)IM(a) * RE(x);
      }
      *y = (REAL)alpha * MAKE(re, im) + old;
    }
  return SPEIG_OK;
}

/* x^H y */
static void TYPED(ref_dot)(const multivec *X, int32_t jx, const multivec *Y, int32_t jy, double *re,
                           double *im)
{
  *re = *im = 0;
  for (int64_t i = 0; i < X->n; ++i) {
    SCALAR x = *TYPED(entry)(X, i, jx), y = *TYPED(entry)(Y, i, jy);
    *re += (double)RE(x) * (double)RE(y) + (double)IM(x) * (double)IM(y);
    *im += (double)RE(x) * (double)IM(y) - (double)IM(x) * (double)RE(y);
  }
}

static speig_status TYPED(ref_gram)(const multivec *X, const multivec *Y, small *H)
{
  double re, im;
  for (int32_t k = 0; k < Y->p; ++k)
    for (int32_t j = 0; j < X->p; ++j) {
      double *h = H->data + (j + (int64_t)k * H->ld) * (IS_COMPLEX ? 2 : 1);
      TYPED(ref_dot)(X, j, Y, k, &re, &im);
      h[0] = re;
      if (IS_COMPLEX)
        h[1] = im;
    }
  return SPEIG_OK;
}

static speig_status TYPED(ref_mul)(double alpha, const multivec *X, const small *C, double beta,
                                   multivec *Y)
{
  for (int32_t j = 0; j < Y->p; ++j)
    for (int64_t i = 0; i < Y->n; ++i) {
      SCALAR *y = TYPED(entry)(Y, i, j), old = beta == 0 ? 0 : (REAL)beta * *y, sum = 0;
      for (int32_t k = 0; k < X->p; ++k)
        sum += *TYPED(entry)(X, i, k) * TYPED(small_entry)(C, k, j);
      *y = (REAL)alpha * sum + old;
    }
  return SPEIG_OK;
}

static speig_status TYPED(ref_real_dots)(const multivec *X, const multivec *Y, double *d)
{
  double im;
  for (int32_t j = 0; j < X->p; ++j)
    TYPED(ref_dot)(X, j, Y, j, &d[j], &im);
  return SPEIG_OK;
}

/* Divided by the largest part before squaring, so that no square over- or underflows. */
static speig_status TYPED(ref_norms)(const multivec *X, double *norm)
{
  for (int32_t j = 0; j < X->p; ++j) {
    double largest = 0, sum = 0;
    for (int64_t i = 0; i < X->n; ++i) {
      SCALAR x = *TYPED(entry)(X, i, j);
      largest = fmax(largest, fmax(fabs((double)RE(x)), fabs((double)IM(x))));
    }
    if (largest == 0)
      largest = 1; /* all 0 or NaN */
    for (int64_t i = 0; i < X->n; ++i) {
      SCALAR x = *TYPED(entry)(X, i, j);
      double re = (double)RE(x) / largest, im = (double)IM(x) / largest;
      sum += re * re + im * im;
    }
    norm[j] = isinf(largest) ? largest : largest * sqrt(sum);
  }
  return SPEIG_OK;
}

static speig_status TYPED(ref_axpy)(const double *a, const multivec *X, multivec *Y)
{
  for (int32_t j = 0; j < X->p; ++j)
    for (int64_t i = 0; i < X->n; ++i)
      *TYPED(entry)(Y, i, j) += (REAL)a[j] * *TYPED(entry)(X, i, j);
  return SPEIG_OK;
}

static speig_status TYPED(ref_scale)(const double *f, multivec *X)
{
  for (int32_t j = 0; j < X->p; ++j)
    for (int64_t i = 0; i < X->n; ++i)
      *TYPED(entry)(X, i, j) *= (REAL)f[j];
  return SPEIG_OK;
}

static speig_status TYPED(ref_row_scale)(const multivec *d, const multivec *X, multivec *Y)
{
  for (int32_t j = 0; j < X->p; ++j)
    for (int64_t i = 0; i < X->n; ++i)
      *TYPED(entry)(Y, i, j) = RE(*TYPED(entry)(d, i, 0)) * *TYPED(entry)(X, i, j);
  return SPEIG_OK;
}

static const backend_ops TYPED(reference) = {
  .name = "reference/" DTYPE_TEXT,
  .device = SPEIG_REFERENCE,
  .dtype = DTYPE,
  .open = ref_open,
  .close = ref_close,
  .alloc = TYPED(ref_alloc),
  .release = ref_release,
  .upload = TYPED(ref_upload),
  .download = TYPED(ref_download),
  .copy = TYPED(ref_copy),
  .zero = TYPED(ref_zero),
  .fill_random = TYPED(ref_fill_random),
  .matrix_open = ref_matrix_open,
  .matrix_close = ref_matrix_close,
  .apply = TYPED(ref_apply),
  .gram = TYPED(ref_gram),
  .mul = TYPED(ref_mul),
  .real_dots = TYPED(ref_real_dots),
  .norms = TYPED(ref_norms),
  .axpy = TYPED(ref_axpy),
  .scale = TYPED(ref_scale),
  .row_scale = TYPED(ref_row_scale),
  .lanczos_append = ref_lanczos_append,
  .lanczos_collect = ref_lanczos_collect,
};
