/* threads.c: thread counts; OpenBLAS held to one thread while a solve runs. */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "base/threads.h"

#include <dlfcn.h>
#include <omp.h>
#include <pthread.h>
#include <string.h>

int threads_resolve(int asked)
{
  int available = asked > 0 ? asked : omp_get_max_threads();
  return available < 1 ? 1 : available > 1024 ? 1024 : available;
}

static pthread_mutex_t blas_lock = PTHREAD_MUTEX_INITIALIZER;
static int blas_depth, blas_saved;

/* dlsym gives an object pointer; ISO C has no cast from it to a function pointer. */
static void find(const char *name, void *function, size_t size)
{
  void *symbol = dlsym(RTLD_DEFAULT, name);
  memcpy(function, &symbol, size);
}

void threads_blas_enter(void)
{
  int (*get)(void);
  void (*set)(int);
  find("openblas_get_num_threads", &get, sizeof get);
  find("openblas_set_num_threads", &set, sizeof set);
  (void)pthread_mutex_lock(&blas_lock);
  if (blas_depth++ == 0 && get && set) {
    blas_saved = get();
    set(1);
  }
  (void)pthread_mutex_unlock(&blas_lock);
}

void threads_blas_leave(void)
{
  void (*set)(int);
  find("openblas_set_num_threads", &set, sizeof set);
  (void)pthread_mutex_lock(&blas_lock);
  if (--blas_depth == 0 && set && blas_saved > 0)
    set(blas_saved);
  (void)pthread_mutex_unlock(&blas_lock);
}
