/* control.h: what a test program may ask of the stand-ins, where they are loaded:
 *   void *h = dlopen("libcudart.so.13", RTLD_NOW | RTLD_NOLOAD);
 *   standins_control_fn *get = (standins_control_fn *)dlsym(h, "standins_control_get");
 * NULL with the real library. */
#ifndef STANDINS_CONTROL_H
#define STANDINS_CONTROL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum standins_failure {
  STANDINS_FAIL_ONCE, /* the call reports an error and changes nothing; the device is well */
  STANDINS_FAIL_STICKY /* the device dies at the call: it and all later calls report an error */
} standins_failure;

typedef struct standins_control {
  /* The n-th counted call from now on (n >= 1) fails; 0: none. Clears what went before. */
  void (*fail_at)(long n, standins_failure how);
  /* Calls counted since the last fail_at; those that cannot fail are not counted. */
  long (*calls)(void);
  /* Name of the call that was made to fail, or "". */
  const char *(*failed_call)(void);
  /* Device memory, pinned host memory; streams, events, graphs. */
  size_t (*live_bytes)(void);
  size_t (*live_pinned_bytes)(void);
  long (*live_objects)(void);
  /* Order of threads and blocks in later launches; 0: natural. */
  void (*seed)(unsigned long seed);
  /* Device memory that there is from now on, in bytes. */
  void (*memory)(size_t bytes);
  long (*launches)(void);
} standins_control;

typedef const standins_control *standins_control_fn(void);

#ifdef __cplusplus
}
#endif
#endif
