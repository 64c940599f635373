/* choices.h: words that options of several verbs take, in the order of the library's enumerations,
 * of which the index is a value. */
#ifndef SPEIG_SRC_CLI_CHOICES_H
#define SPEIG_SRC_CLI_CHOICES_H

extern const char *const choice_devices[], *const choice_certify[];
extern const char *const choice_precisions[]; /* single first */
extern const char *const choice_progress[]; /* a progress_when */

#endif
