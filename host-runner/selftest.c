/* SPDX-License-Identifier: BSD-2-Clause */
/* A defect counts as caught only where the same case passes on its control and no unrelated case moves. */
#define _XOPEN_SOURCE 700
#include "selftest.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edit.h"
#include "image_file.h"
#include "run.h"
#include "suite_disk.h"
#include "verdicts.h"

enum { PATH = 4096 };

/* One machine of the run: a defect's, or a control that several defects share. */
struct trial {
        char *key; /* of a control: what it is made of; NULL: a defect's */
        struct machine machine;
        bool selected[CASE_COUNT];
        bool shim;
        char *lines; /* for the shim */
        char *told;
};

struct trials {
        size_t count;
        struct trial *trial;
        size_t *of_defect; /* by index of the defect: which trial, and which one is its control */
        size_t *control_of;
};

const char *selftest_state_name(enum selftest_state state)
{
        static const char *const names[] = {"caught", "missed", "false alarm", "spread", "fault"};

        return names[state];
}

static void result_set(struct selftest_result *result, enum selftest_state state, const char *what, const char *why)
{
        result->state = state;
        snprintf(result->text, sizeof(result->text), "%s%s", what, why);
}

/* Image defects ---------------------------------------------------------------------------------------------------- */

struct verdicts {
        enum verdict verdict[CASE_COUNT];
        char reason[CASE_COUNT][FACT_TEXT + FACT_WHAT];
};

static int image_verdicts(const char *path, struct verdicts *ret, char *error, size_t error_size)
{
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        bool selected[CASE_COUNT];
        int result;

        memset(selected, true, sizeof(selected));
        result = image_judge(&ledger, path, selected, error, error_size);
        for (size_t i = 0; !result && i < ledger.subject[0].rows; i++) {
                const struct row *row = &ledger.subject[0].row[i];

                ret->verdict[row->id] = row->verdict;
                memcpy(ret->reason[row->id], row->reason, sizeof(row->reason));
        }
        ledger_free(&ledger);
        return result;
}

static void image_compare(const struct defect *defect, const struct verdicts *good, const struct verdicts *bad,
                          struct selftest_result *result)
{
        enum case_id id = defect->case_id;

        result->verdict = bad->verdict[id];
        if (good->verdict[id] != VERDICT_PASS) {
                result_set(result, SELFTEST_FALSE_ALARM, "the good disk: ", good->reason[id]);
                return;
        }
        if (bad->verdict[id] != defect->expect) {
                result_set(result, SELFTEST_MISSED, verdict_name(bad->verdict[id]), "");
                return;
        }
        result_set(result, SELFTEST_CAUGHT, "", bad->reason[id]);
        for (unsigned other = 0; other < CASE_COUNT; other++)
                if (cases[other].stage == STAGE_STATIC && other != id && !defect->knock_on[other] &&
                    bad->verdict[other] != good->verdict[other])
                        result_set(result, SELFTEST_SPREAD, cases[other].name, " moved too");
}

static void image_try(const struct defect *defect, const char *disk, const struct verdicts *good,
                      struct selftest_result *result)
{
        static struct verdicts bad;
        char path[40], error[300] = "";
        int fd = private_copy(disk), failed = fd < 0 ? fd : 0;

        for (size_t i = 0; i < defect->edit.count && !failed; i++)
                failed = edit_apply(fd, defect->edit.text[i], error, sizeof(error));
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (!failed)
                failed = image_verdicts(path, &bad, error, sizeof(error));
        if (failed)
                result_set(result, SELFTEST_FAULT, "", *error ? error : strerror(-failed));
        else
                image_compare(defect, good, &bad, result);
        if (fd >= 0)
                close(fd);
}

static int images_try(struct selftest *selftest, char *error, size_t error_size)
{
        static struct verdicts good;
        char disk[PATH];
        bool judged = false;
        int result = 0;

        snprintf(disk, sizeof(disk), "%s/suite.img", selftest->data);
        for (size_t i = 0; i < selftest->defects->count && !result; i++) {
                if (!selftest->chosen[i] || selftest->defects->defect[i].by != DEFECT_IMAGE)
                        continue;
                if (!judged)
                        result = image_verdicts(disk, &good, error, error_size);
                judged = true;
                if (!result)
                        image_try(&selftest->defects->defect[i], disk, &good, &selftest->result[i]);
        }
        return result;
}

/* Machines --------------------------------------------------------------------------------------------------------- */

static char *texts_join(const struct texts *texts, const char *before, const char *behind)
{
        char *whole = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&whole, &size);

        if (!to)
                return NULL;
        fputs(before, to);
        for (size_t i = 0; i < texts->count; i++)
                fprintf(to, "%s\n", texts->text[i]);
        fputs(behind, to);
        return fclose(to) ? NULL : whole;
}

static int machine_change(struct machine *machine, const struct texts *set, char *error, size_t error_size)
{
        for (size_t i = 0; i < set->count; i++) {
                const char *equals = strchr(set->text[i], '=');
                char key[64];
                int result;

                if (!equals) {
                        snprintf(error, error_size, "set = %.80s: expected key=value", set->text[i]);
                        return -EINVAL;
                }
                snprintf(key, sizeof(key), "%.*s", (int)(equals - set->text[i]), set->text[i]);
                result = machine_set(machine, key, equals + 1, error, error_size);
                if (result)
                        return result;
        }
        return 0;
}

static int trial_machine(const struct selftest *selftest, const struct defect *defect, const char *id, const char *base,
                         bool changed, struct machine *ret, char *error, size_t error_size)
{
        const struct machine *machine = machines_find(selftest->machines, base);
        char why[300] = "out of memory";
        int result = machine ? machine_copy(machine, ret) : -ENOENT;

        if (!machine)
                snprintf(why, sizeof(why), "no machine '%.60s'", base);
        if (!result) {
                free(ret->id);
                ret->id = strdup(id);
                result = ret->id ? changed ? machine_change(ret, &defect->set, why, sizeof(why)) : 0 : -ENOMEM;
        }
        if (result)
                snprintf(error, error_size, "%s:%d: %s", defect->file, defect->line, why);
        return result;
}

static bool same_group(enum clause_id a, enum clause_id b)
{
        size_t length = strcspn(clauses[a].name, "_");

        return strncmp(clauses[a].name, clauses[b].name, length + 1) == 0;
}

/* The case, what must hold, and those of the same group of clauses that cost no boot more. */
static void cases_choose(const struct defect *defect, bool selected[CASE_COUNT])
{
        const struct test_case *own = &cases[defect->case_id];

        for (unsigned id = 0; id < CASE_COUNT; id++) {
                const struct test_case *c = &cases[id];
                bool cheap = c->stage == STAGE_BOOT && (c->route == ROUTE_ONCE || c->route == own->route);

                selected[id] =
                        id == defect->case_id || defect->holds[id] || (cheap && same_group(c->clause, own->clause));
        }
}

static struct trial *trial_add(struct trials *trials)
{
        struct trial *grown = reallocarray(trials->trial, trials->count + 1, sizeof(*grown));

        if (!grown)
                return NULL;
        trials->trial = grown;
        grown += trials->count++;
        *grown = (struct trial){0};
        return grown;
}

static int defect_trial(const struct selftest *selftest, struct trials *trials, const struct defect *defect,
                        char *error, size_t error_size)
{
        struct trial *trial = trial_add(trials);
        char *base;

        if (!trial)
                return -ENOMEM;
        cases_choose(defect, trial->selected);
        trial->shim = defect->by == DEFECT_SHIM;
        base = texts_join(&defect->base, "", "");
        trial->lines = base ? texts_join(&defect->shim, base, "") : NULL;
        trial->told = texts_join(&defect->told, "", "");
        free(base);
        if (!trial->lines || !trial->told)
                return -ENOMEM;
        return trial_machine(selftest, defect, defect->id, defect->machine, true, &trial->machine, error, error_size);
}

/* What the control is made of, in one text: the machine, what is changed in it, and the shim with its lines. */
static char *control_key(const struct defect *defect)
{
        char *sets, *key;

        if (defect->control)
                return strdup(defect->control);
        if (defect->by != DEFECT_SHIM)
                return strdup(defect->machine);
        sets = texts_join(&defect->set, defect->machine, "\nshim\n");
        key = sets ? texts_join(&defect->base, sets, "") : NULL;
        free(sets);
        return key;
}

static struct trial *control_find(struct trials *trials, const char *key)
{
        for (size_t i = 0; i < trials->count; i++)
                if (trials->trial[i].key && strcmp(trials->trial[i].key, key) == 0)
                        return &trials->trial[i];
        return NULL;
}

static int control_trial(const struct selftest *selftest, struct trials *trials, const struct defect *defect,
                         size_t *ret, char *error, size_t error_size)
{
        char *key = control_key(defect), id[32];
        struct trial *trial = key ? control_find(trials, key) : NULL;
        bool shim = defect->by == DEFECT_SHIM && !defect->control, known = trial;
        bool selected[CASE_COUNT] = {false};
        int result = 0;

        if (!known && key)
                trial = trial_add(trials);
        if (!trial) {
                free(key);
                return -ENOMEM;
        }
        *ret = (size_t)(trial - trials->trial);
        if (!defect->control)
                cases_choose(defect, selected);
        selected[defect->case_id] = true;
        for (unsigned i = 0; i < CASE_COUNT; i++)
                trial->selected[i] |= selected[i];
        if (known) {
                free(key);
                return 0;
        }
        trial->key = key;
        trial->shim = shim;
        trial->told = strdup("");
        trial->lines = shim ? texts_join(&defect->base, "", "") : strdup("");
        snprintf(id, sizeof(id), "control-%zu", *ret);
        result = trial_machine(selftest, defect, id, defect->control ? defect->control : defect->machine, shim,
                               &trial->machine, error, error_size);
        return result ? result : trial->told && trial->lines ? 0 : -ENOMEM;
}

static void trials_free(struct trials *trials)
{
        for (size_t i = 0; i < trials->count; i++) {
                free(trials->trial[i].key);
                free(trials->trial[i].lines);
                free(trials->trial[i].told);
                machine_free(&trials->trial[i].machine);
        }
        free(trials->trial);
        free(trials->of_defect);
        free(trials->control_of);
}

static int trials_make(const struct selftest *selftest, struct trials *trials, char *error, size_t error_size)
{
        size_t count = selftest->defects->count;
        int result = 0;

        trials->of_defect = calloc(count ? count : 1, sizeof(*trials->of_defect));
        trials->control_of = calloc(count ? count : 1, sizeof(*trials->control_of));
        if (!trials->of_defect || !trials->control_of)
                return -ENOMEM;
        for (size_t i = 0; i < count && !result; i++) {
                const struct defect *defect = &selftest->defects->defect[i];

                if (!selftest->chosen[i] || defect->by == DEFECT_IMAGE)
                        continue;
                result = control_trial(selftest, trials, defect, &trials->control_of[i], error, error_size);
                trials->of_defect[i] = trials->count;
                if (!result)
                        result = defect_trial(selftest, trials, defect, error, error_size);
        }
        return result;
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
static void spread_find(const struct defect *defect, const struct trial *trial, struct subject *bad,
                        struct subject *good, struct selftest_result *result)
{
        for (size_t i = 0; i < defect->outcome.count; i++)
                if (!outcome_holds(bad, defect->outcome.text[i]))
                        result_set(result, SELFTEST_SPREAD, "the outcome is not ", defect->outcome.text[i]);
        for (unsigned id = 0; id < CASE_COUNT; id++) {
                const struct row *row = trial->selected[id] ? subject_row(bad, id) : NULL;
                const struct row *before = row && !defect->control ? subject_row(good, id) : NULL;

                if (!row || id == defect->case_id)
                        continue;
                if (defect->holds[id] ? row->verdict != VERDICT_PASS
                                      : !defect->knock_on[id] && before && row->verdict != before->verdict) {
                        result_set(result, SELFTEST_SPREAD, cases[id].name, " moved too: ");
                        snprintf(result->text + strlen(result->text), sizeof(result->text) - strlen(result->text),
                                 "%s %s", verdict_name(row->verdict), row->reason);
                }
        }
}

static void machine_compare(const struct defect *defect, const struct trial *trial, struct subject *bad,
                            struct subject *good, struct selftest_result *result)
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
        spread_find(defect, trial, bad, good, result);
}

static int trials_judge(struct selftest *selftest, const struct trials *trials, const char *folder, char *error,
                        size_t error_size)
{
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        int result = verdicts_read(folder, &ledger, error, error_size);

        for (size_t i = 0; i < selftest->defects->count && (!result || result == -EBADMSG); i++) {
                const struct defect *defect = &selftest->defects->defect[i];
                const struct trial *trial = &trials->trial[trials->of_defect[i]];

                if (selftest->chosen[i] && defect->by != DEFECT_IMAGE)
                        machine_compare(defect, trial, subject_of(&ledger, trial),
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
        char suite[PATH], shim[PATH];
        struct run_figures figures;
        int result = -ENOMEM;

        snprintf(suite, sizeof(suite), "%s/suite.img", selftest->data);
        snprintf(shim, sizeof(shim), "%s/shim.img", selftest->data);
        for (size_t i = 0; machine && special && i < trials->count; i++) {
                const struct trial *trial = &trials->trial[i];

                machine[i] = &trial->machine;
                special[i] =
                        (struct run_special){trial->selected, trial->shim ? shim : suite, trial->told, trial->lines};
        }
        if (machine && special)
                result = run_machines(&(struct run_options){.machine = machine,
                                                            .jobs = selftest->jobs,
                                                            .folder = folder,
                                                            .suite_disk = suite,
                                                            .special = special},
                                      &figures, error, error_size);
        free(machine);
        free(special);
        return result;
}

static int entry_remove(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
        (void)status;
        (void)type;
        (void)ftw;
        return remove(path);
}

static int machines_try(struct selftest *selftest, const struct trials *trials, char *error, size_t error_size)
{
        const char *where = getenv("TMPDIR");
        char temporary[PATH];
        const char *folder = selftest->folder;
        int result;

        if (!folder) {
                snprintf(temporary, sizeof(temporary), "%s/vmspec-selftest-XXXXXX", where && *where ? where : "/tmp");
                folder = mkdtemp(temporary);
        }
        if (!folder) {
                result = -errno;
                snprintf(error, error_size, "%s: no folder can be made: %s", temporary, strerror(-result));
                return result;
        }
        result = trials_run(selftest, trials, folder, error, error_size);
        if (!result)
                result = trials_judge(selftest, trials, folder, error, error_size);
        if (!selftest->folder)
                (void)nftw(folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
        return result;
}

int selftest_run(struct selftest *selftest, char *error, size_t error_size)
{
        struct trials trials = {0};
        int result;

        snprintf(error, error_size, "out of memory");
        result = images_try(selftest, error, error_size);
        if (!result)
                result = trials_make(selftest, &trials, error, error_size);
        if (!result && trials.count)
                result = machines_try(selftest, &trials, error, error_size);
        trials_free(&trials);
        return result;
}
