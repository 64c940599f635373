/* main.c: placeholder until the verbs land. */
#include <speig/speig.h>

#include <stdio.h>

int main(void)
{
  printf("speig %s\n", speig_version());
  return 0;
}
