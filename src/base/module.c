/* module.c: finds, opens and keeps modules.
 *
 * RTLD_LOCAL keeps a module's symbols, and those of the libraries that came with it, out of the
 * process: the MPI stubs of a sequential solver must not answer for a program's own MPI. RTLD_NOW
 * makes a missing library an error here, with its name, instead of a crash later.              */
#define _GNU_SOURCE /* dladdr */
#include "base/module.h"
#include "base/error.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, NAME_SIZE = 32, MODULES = 16 };

typedef struct opened_module {
  char name[NAME_SIZE];
  void *handle;
} opened_module;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static opened_module opened[MODULES];
static int opened_count;

/* What was looked for, and the folders that did not have it. */
typedef struct module_search {
  const char *name;
  char path[PATH_SIZE]; /* the file, once found */
  char folders[768]; /* for the message, which holds about a thousand characters */
} module_search;

static int found_in(module_search *search, const char *folder, size_t length)
{
  size_t used = strlen(search->folders);
  int written = snprintf(search->path, sizeof search->path, "%.*s/libspeig_%s.so", (int)length,
                         folder, search->name);
  if (length == 0 || written < 0 || (size_t)written >= sizeof search->path)
    return 0;
  if (access(search->path, F_OK) == 0)
    return 1;
  (void)snprintf(search->folders + used, sizeof search->folders - used, "%s%.*s", used ? ", " : "",
                 (int)length, folder);
  return 0;
}

static int found_in_path(module_search *search)
{
  const char *folder = getenv("SPEIG_MODULE_PATH");
  while (folder) {
    size_t length = strcspn(folder, ":");
    if (found_in(search, folder, length))
      return 1;
    folder = folder[length] ? folder + length + 1 : NULL;
  }
  return 0;
}

/* The folder of the shared library, or of the program with the static one in it. A program's own
 * name is what it was called by, which need not be a path.                                      */
static int found_beside(module_search *search)
{
  char here[PATH_SIZE], folder[PATH_SIZE + 8];
  const char *slash = NULL;
  Dl_info info;
  if (dladdr(&opened_count, &info) && info.dli_fname && strchr(info.dli_fname, '/')) {
    (void)snprintf(here, sizeof here, "%s", info.dli_fname);
  } else {
    ssize_t length = readlink("/proc/self/exe", here, sizeof here - 1);
    here[length > 0 ? length : 0] = '\0';
  }
  slash = strrchr(here, '/');
  if (!slash)
    return 0;
  (void)snprintf(folder, sizeof folder, "%.*s/speig", (int)(slash - here), here);
  return found_in(search, folder, strlen(folder));
}

static speig_status open_file(const char *name, void **handle)
{
  speig_status st = SPEIG_OK;
  module_search search = { .name = name };
  if (!found_in_path(&search) && !found_beside(&search) &&
      !found_in(&search, SPEIG_MODULE_FOLDER, strlen(SPEIG_MODULE_FOLDER)))
    FAIL(SPEIG_ERR_UNSUPPORTED, "no module %s: there is no libspeig_%s.so in %s", name, name,
         search.folders);
  *handle = dlopen(search.path, RTLD_NOW | RTLD_LOCAL);
  if (!*handle)
    FAIL(SPEIG_ERR_UNSUPPORTED, "the module %s cannot be opened: %s", search.path, dlerror());
done:
  return st;
}

/* Under the lock: the module as it is open, or opened now. */
static speig_status open_once(const char *name, void **handle)
{
  speig_status st = SPEIG_OK;
  for (int i = 0; i < opened_count; ++i)
    if (strcmp(opened[i].name, name) == 0) {
      *handle = opened[i].handle;
      return SPEIG_OK;
    }
  REQUIRE(opened_count < MODULES && strlen(name) < NAME_SIZE,
          "module %s: %d modules are open, at most %d, with names of at most %d letters", name,
          opened_count, MODULES, NAME_SIZE - 1);
  TRY(open_file(name, handle));
  (void)snprintf(opened[opened_count].name, NAME_SIZE, "%s", name);
  opened[opened_count++].handle = *handle;
done:
  return st;
}

speig_status module_open(const char *name, const char *symbol, int32_t abi, const void **table)
{
  speig_status st = SPEIG_OK;
  const void *(*entry)(void) = NULL;
  void *handle = NULL, *found = NULL;
  const int32_t *given = NULL;
  *table = NULL;
  (void)pthread_mutex_lock(&lock);
  st = open_once(name, &handle);
  (void)pthread_mutex_unlock(&lock);
  TRY(st);
  found = dlsym(handle, symbol);
  if (!found)
    FAIL(SPEIG_ERR_UNSUPPORTED, "the module %s has no %s: it is not one of speig's", name, symbol);
  memcpy(&entry, &found, sizeof entry); /* ISO C has no cast from object to function pointer */
  given = entry();
  if (!given)
    FAIL(SPEIG_ERR_UNSUPPORTED, "the module %s gave no table", name);
  if (*given != abi)
    FAIL(SPEIG_ERR_UNSUPPORTED, "the module %s is of another speig: its ABI is %d, needed is %d",
         name, (int)*given, (int)abi);
  *table = given;
done:
  return st;
}
