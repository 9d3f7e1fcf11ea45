/* SPDX-License-Identifier: BSD-2-Clause */
/* A defect counts as caught only where the same case passes on its control and no unrelated case moves. */
#include "selftest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "scratch.h"
#include "selftest_private.h"
#include "verdicts.h"

enum { PATH = 4096, TRIES = 6 };

const char *selftest_state_name(enum selftest_state state)
{
        static const char *const names[] = {"caught", "missed", "false alarm", "spread", "fault"};

        return names[state];
}

void result_set(struct selftest_result *result, enum selftest_state state, const char *what, const char *why)
{
        result->state = state;
        snprintf(result->text, sizeof(result->text), "%s%s", what, why);
}

/* Verdicts --------------------------------------------------------------------------------------------------------- */

static struct subject *subject_of(struct ledger *ledger, const struct trial *trial)
{
        for (size_t i = 0; i < ledger->subjects; i++)
                if (strcmp(ledger->subject[i].name, trial->machine.id) == 0)
                        return &ledger->subject[i];
        return NULL;
}

/* "draft2014 not conformant" holds for the virtual machine as its subject alone shows it. */
static bool outcome_holds(struct subject *subject, const char *expected)
{
        for (int profile = 0; profile < PROFILE_COUNT; profile++) {
                struct ledger one = {.profile = profile, .subjects = 1, .subject = subject};
                char got[80];

                snprintf(got, sizeof(got), "%s %s", profile_name(profile),
                         outcome_name(ledger_outcome(&one, PARTY_V, profile)));
                if (strcmp(got, expected) == 0)
                        return true;
        }
        return false;
}

/* What must hold beside the defect, and what must not move. */
static void spread_find(const struct defect *defect, struct subject *bad, struct subject *good,
                        struct selftest_result *result)
{
        bool selected[CASE_COUNT];

        trial_cases(defect, selected);
        for (size_t i = 0; i < defect->outcome.count; i++)
                if (!outcome_holds(bad, defect->outcome.text[i]))
                        result_set(result, SELFTEST_SPREAD, "the outcome is not ", defect->outcome.text[i]);
        for (unsigned id = 0; id < CASE_COUNT; id++) {
                const struct row *row = selected[id] ? subject_row(bad, id) : NULL;
                const struct row *before = row && !defect->control ? subject_row(good, id) : NULL;

                if (!row || id == defect->case_id ||
                    (row->verdict == VERDICT_SKIP && !defect->holds[id])) /* which says nothing of the platform */
                        continue;
                if (before && before->verdict == VERDICT_SKIP && row->verdict == VERDICT_PASS) /* nor does that one */
                        continue;
                if (defect->holds[id] ? row->verdict != VERDICT_PASS
                                      : !defect->knock_on[id] && before && row->verdict != before->verdict) {
                        result_set(result, SELFTEST_SPREAD, cases[id].name, " moved too: ");
                        snprintf(result->text + strlen(result->text), sizeof(result->text) - strlen(result->text),
                                 "%s %s", verdict_name(row->verdict), row->reason);
                }
        }
}

static void machine_compare(const struct defect *defect, struct subject *bad, struct subject *good,
                            struct selftest_result *result)
{
        const struct row *row = bad ? subject_row(bad, defect->case_id) : NULL;
        const struct row *control = good ? subject_row(good, defect->case_id) : NULL;
        char text[400];

        if (!row || !control) {
                result_set(result, SELFTEST_FAULT, "the run did not get to it", "");
                return;
        }
        result->verdict = row->verdict;
        if (control->verdict != VERDICT_PASS) {
                snprintf(text, sizeof(text), "%s: %s", verdict_name(control->verdict), control->reason);
                result_set(result, SELFTEST_FALSE_ALARM, "the control is ", text);
                return;
        }
        if (row->verdict != defect->expect) {
                snprintf(text, sizeof(text), "%s: %s", verdict_name(row->verdict), row->reason);
                result_set(result, SELFTEST_MISSED, "", text);
                return;
        }
        result_set(result, SELFTEST_CAUGHT, "", row->reason);
        spread_find(defect, bad, good, result);
}

static int trials_judge(struct selftest *selftest, const struct trials *trials, const char *folder, char *error,
                        size_t error_size)
{
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        int result = verdicts_read(folder, &ledger, error, error_size);

        for (size_t i = 0; i < selftest->defects->count && (!result || result == -EBADMSG); i++) {
                const struct defect *defect = &selftest->defects->defect[i];
                const struct trial *trial = &trials->trial[trials->of_defect[i]];

                if (selftest->chosen[i] && defect_has_machine(defect))
                        machine_compare(defect, subject_of(&ledger, trial),
                                        subject_of(&ledger, &trials->trial[trials->control_of[i]]),
                                        &selftest->result[i]);
        }
        ledger_free(&ledger);
        return result;
}

/* Running ---------------------------------------------------------------------------------------------------------- */

static int trials_run(const struct selftest *selftest, const struct trials *trials, const char *folder, char *error,
                      size_t error_size)
{
        const struct machine **machine = calloc(trials->count + 1, sizeof(*machine));
        struct run_special *special = calloc(trials->count + 1, sizeof(*special));
        struct freezer freezer = {0};
        char shim[PATH];
        struct run_figures figures;
        size_t count = 0;
        int result = -ENOMEM;

        snprintf(shim, sizeof(shim), "%s/shim.img", selftest->data);
        if (machine && special)
                result = freezer_fill(selftest, trials, shim, &freezer);
        for (int thaws = 0; machine && special && thaws < 2; thaws++) /* those that take long come first */
                for (size_t i = 0; i < trials->count; i++) {
                        const struct trial *trial = &trials->trial[i];
                        const struct frozen *frozen = freezer_find(&freezer, trial);

                        if ((frozen != NULL) != thaws)
                                continue;
                        machine[count] = &trial->machine;
                        special[count++] = (struct run_special){trial->selected, trial->shim ? shim : NULL, trial->told,
                                                                trial->lines, frozen};
                }
        if (!result)
                result = run_machines(&(struct run_options){.machine = machine,
                                                            .jobs = selftest->jobs,
                                                            .folder = folder,
                                                            .known = selftest->machines,
                                                            .data = selftest->data,
                                                            .special = special},
                                      &figures, error, error_size);
        freezer_free(&freezer);
        free(machine);
        free(special);
        return result;
}

static int machines_try(struct selftest *selftest, const struct trials *trials, char *error, size_t error_size)
{
        struct scratch scratch;
        const char *folder = selftest->folder ? selftest->folder : scratch.path;
        int result = selftest->folder ? 0 : scratch_make(&scratch, "selftest");

        if (result) {
                snprintf(error, error_size, "%s: no folder can be made: %s", scratch.path, strerror(-result));
                return result;
        }
        result = trials_run(selftest, trials, folder, error, error_size);
        if (!result)
                result = trials_judge(selftest, trials, folder, error, error_size);
        if (!selftest->folder)
                scratch_remove(&scratch);
        return result;
}

static int machines_run(struct selftest *selftest, char *error, size_t error_size)
{
        struct trials trials = {0};
        int result = trials_make(selftest, &trials, error, error_size);

        if (!result && trials.count)
                result = machines_try(selftest, &trials, error, error_size);
        trials_free(&trials);
        return result;
}

/* Those that a VM was asked for, and whose defect was not caught; what came out is kept. False where there is none. */
static bool again_choose(struct selftest *selftest, bool *again)
{
        bool any = false;

        for (size_t i = 0; i < selftest->defects->count; i++) {
                struct selftest_result *result = &selftest->result[i];

                again[i] = selftest->chosen[i] && selftest->defects->defect[i].by != DEFECT_IMAGE &&
                           result->state != SELFTEST_CAUGHT;
                any |= again[i];
                if (again[i] && !*result->before)
                        snprintf(result->before, sizeof(result->before), "%s: %.300s",
                                 selftest_state_name(result->state), result->text);
        }
        return any;
}

/*
 * A busy host makes a VM late, and what is late may come out otherwise. So what was not caught is tried again, with its
 * control, one VM at a time and every one of them booted from the start. What does not hold then, does not hold.
 */
static int vms_run(struct selftest *selftest, bool *again, char *error, size_t error_size)
{
        struct selftest now = *selftest;
        char folder[PATH];
        int result = 0;

        for (unsigned tries = 1; !result && tries <= TRIES; tries++) {
                result = guests_try(&now, error, error_size);
                if (!result)
                        result = machines_run(&now, error, error_size);
                if (result || !again_choose(selftest, again))
                        break;
                snprintf(folder, sizeof(folder), "%s/again-%u", selftest->folder ? selftest->folder : "", tries);
                now.chosen = again;
                now.folder = selftest->folder ? folder : NULL;
                now.jobs = 1;
                now.booted = true;
        }
        return result;
}

int selftest_run(struct selftest *selftest, char *error, size_t error_size)
{
        bool *again = calloc(selftest->defects->count + 1, sizeof(*again));
        int result = again ? 0 : -ENOMEM;

        snprintf(error, error_size, "out of memory");
        if (!result)
                result = images_try(selftest, error, error_size);
        if (!result)
                result = vms_run(selftest, again, error, error_size);
        free(again);
        return result;
}
