/* outside.c: the installed library answers, and it is the one its headers describe. */
#include <speig/speig.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
  if (strcmp(speig_version(), SPEIG_VERSION) != 0) {
    printf("library %s, headers %s\n", speig_version(), SPEIG_VERSION);
    return 1;
  }
  printf("%d %s\n", (int)speig_dtype_size(SPEIG_Z), speig_status_text(SPEIG_ERR_MEMORY));
  return 0;
}
