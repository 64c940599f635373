/* sample.c: the smallest module, which test_module.c opens. The sum is computed by a function of a
 * name that every module has, to show that modules do not meet.                                 */
#include <stdint.h>

typedef struct sample_table {
  int32_t abi;
  int (*number)(void);
} sample_table;

const sample_table *speig_sample_module_get(void);
const void *speig_sample_nothing(void);
int speig_sample_number(void);

/* Not static, and not hidden in the file: RTLD_LOCAL alone keeps it apart. */
int speig_sample_number(void)
{
  return SAMPLE_NUMBER;
}

const sample_table *speig_sample_module_get(void)
{
  static const sample_table table = { 7, speig_sample_number };
  return &table;
}

const void *speig_sample_nothing(void)
{
  return (void *)0;
}
