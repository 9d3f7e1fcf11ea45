/* SPDX-License-Identifier: BSD-2-Clause */
/* What is alike is run once: a control serves all its defects, and a defect that two cases must see is one machine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "selftest_private.h"

/* What a machine of the run is made of. */
struct recipe {
        const struct defect *defect; /* whose set, told, base and shim count, as far as they are taken */
        const char *machine;
        bool set, told, base, shim;
};

static char *texts_join(const char *before, const struct texts *texts, bool taken, const char *behind)
{
        char *whole = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&whole, &size);

        if (!to)
                return NULL;
        fputs(before, to);
        for (size_t i = 0; taken && i < texts->count; i++)
                fprintf(to, "%s\n", texts->text[i]);
        fputs(behind, to);
        return fclose(to) ? NULL : whole;
}

static char *shim_lines(const struct recipe *recipe)
{
        char *base = texts_join("", &recipe->defect->base, recipe->base, "");
        char *lines = base ? texts_join(base, &recipe->defect->shim, recipe->shim, "") : NULL;

        free(base);
        return lines;
}

/* On QEMU, whose machines are frozen in the shim, every trial does. */
static bool starts_shim(const struct selftest *selftest, const struct recipe *recipe)
{
        const struct machine *machine = machines_find(selftest->machines, recipe->machine);

        return recipe->defect->by == DEFECT_SHIM || (machine && !machine_is_on_xen(machine));
}

static char *recipe_key(const struct recipe *recipe, bool shim, const char *lines, const char *told)
{
        char *sets = texts_join("", &recipe->defect->set, recipe->set, ""), *key = NULL;

        if (!sets ||
            asprintf(&key, "%s\n%s\ntold %s\n%s%s", recipe->machine, sets, told, shim ? "shim " : "", lines) < 0)
                key = NULL;
        free(sets);
        return key;
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

/* TCG for all: an accelerator that has to be proved first costs more boots than the self-test makes. */
static int trial_machine(const struct selftest *selftest, const struct recipe *recipe, const char *id,
                         struct machine *ret, char *error, size_t error_size)
{
        const struct machine *machine = machines_find(selftest->machines, recipe->machine);
        char why[300] = "out of memory";
        int result = machine ? machine_copy(machine, ret) : -ENOENT;

        if (!machine)
                snprintf(why, sizeof(why), "no machine '%.60s'", recipe->machine);
        if (!result) {
                free(ret->id);
                ret->id = strdup(id);
                result = ret->id ? machine_set(ret, "accelerator", "tcg", why, sizeof(why)) : -ENOMEM;
        }
        if (!result && recipe->set)
                result = machine_change(ret, &recipe->defect->set, why, sizeof(why));
        if (result)
                snprintf(error, error_size, "%s:%d: %s", recipe->defect->file, recipe->defect->line, why);
        return result;
}

static bool same_group(enum clause_id a, enum clause_id b)
{
        size_t length = strcspn(clauses[a].name, "_");

        return strncmp(clauses[a].name, clauses[b].name, length + 1) == 0;
}

/* The boots that an instance lives through are not that in which the platform is asked, see plan.c. */
static bool is_of_a_life(enum route route)
{
        return route == ROUTE_RESET || route == ROUTE_POWER_OFF || route == ROUTE_OTHER_INSTANCE;
}

/* True where a case of one route costs no boot more beside a case of the other one, or but one that goes on from the
 * shim. */
static bool shares_boots(enum route a, const struct defect *defect)
{
        enum route own = cases[defect->case_id].route;

        if (a == own)
                return own != ROUTE_BOOT_OPTION;
        return a == ROUTE_ONCE && !plan_is_apart(own) && (defect->by == DEFECT_SHIM || !is_of_a_life(own));
}

/*
 * Whether a case is worth being beside the defect's: one that may come out anyhow tells nothing, and often waits for
 * what the defect keeps from coming. clock_goes_on waits for the clock's next second, in threescore trials of its
 * group.
 */
static bool is_bystander(const struct defect *defect, enum case_id id)
{
        return !defect->knock_on[id] && id != CASE_clock_goes_on;
}

void trial_cases(const struct defect *defect, bool selected[CASE_COUNT])
{
        const struct test_case *own = &cases[defect->case_id];

        for (unsigned id = 0; id < CASE_COUNT; id++) {
                const struct test_case *c = &cases[id];
                bool cheap = c->stage == STAGE_BOOT && shares_boots(c->route, defect);

                selected[id] = id == defect->case_id || defect->holds[id] ||
                               (cheap && same_group(c->clause, own->clause) && is_bystander(defect, id));
        }
}

/* The trial of that key, or a new one; NULL where memory is out. */
static struct trial *trial_find(struct trials *trials, const char *key)
{
        struct trial *grown;

        for (size_t i = 0; i < trials->count; i++)
                if (strcmp(trials->trial[i].key, key) == 0)
                        return &trials->trial[i];
        grown = reallocarray(trials->trial, trials->count + 1, sizeof(*grown));
        if (!grown)
                return NULL;
        trials->trial = grown;
        grown += trials->count++;
        *grown = (struct trial){.key = strdup(key)};
        return grown->key ? grown : NULL;
}

static int trial_use(const struct selftest *selftest, struct trials *trials, const struct recipe *recipe,
                     const char *name, const bool selected[CASE_COUNT], size_t *ret, char *error, size_t error_size)
{
        char *lines = shim_lines(recipe), *told = texts_join("", &recipe->defect->told, recipe->told, "");
        char *key = lines && told ? recipe_key(recipe, starts_shim(selftest, recipe), lines, told) : NULL;
        struct trial *trial = key ? trial_find(trials, key) : NULL;
        bool known = trial && trial->lines;

        free(key);
        if (!trial || known) {
                free(lines);
                free(told);
        }
        if (!trial)
                return -ENOMEM;
        *ret = (size_t)(trial - trials->trial);
        for (unsigned id = 0; id < CASE_COUNT; id++)
                trial->selected[id] |= selected[id];
        if (known)
                return 0;
        trial->lines = lines;
        trial->told = told;
        trial->shim = starts_shim(selftest, recipe);
        trial->stock = recipe->set && recipe->defect->set.count ? NULL : recipe->machine;
        return trial_machine(selftest, recipe, name, &trial->machine, error, error_size);
}

/*
 * The control of a machine's defect is the machine as it is declared; that of a shim's, the same machine without the
 * shim's lines. On QEMU all of them start the shim, so that a defect is all in which it differs from its control, and
 * the controls of one machine are one.
 */
static int control_use(const struct selftest *selftest, struct trials *trials, const struct defect *defect, size_t *ret,
                       char *error, size_t error_size)
{
        bool idle = defect->by == DEFECT_SHIM && !defect->control, selected[CASE_COUNT] = {false};
        struct recipe recipe = {defect, defect->control ? defect->control : defect->machine, idle, idle, idle, false};
        char name[120];

        if (!defect->control)
                trial_cases(defect, selected);
        selected[defect->case_id] = true;
        snprintf(name, sizeof(name), "control of %s", defect->id);
        return trial_use(selftest, trials, &recipe, name, selected, ret, error, error_size);
}

static int defect_use(const struct selftest *selftest, struct trials *trials, const struct defect *defect, size_t *ret,
                      char *error, size_t error_size)
{
        bool selected[CASE_COUNT];
        struct recipe recipe = {defect, defect->machine, true, true, true, true};

        trial_cases(defect, selected);
        return trial_use(selftest, trials, &recipe, defect->id, selected, ret, error, error_size);
}

int trials_make(const struct selftest *selftest, struct trials *trials, char *error, size_t error_size)
{
        size_t count = selftest->defects->count;
        int result = 0;

        trials->of_defect = calloc(count ? count : 1, sizeof(*trials->of_defect));
        trials->control_of = calloc(count ? count : 1, sizeof(*trials->control_of));
        if (!trials->of_defect || !trials->control_of)
                return -ENOMEM;
        for (size_t i = 0; i < count && !result; i++) {
                const struct defect *defect = &selftest->defects->defect[i];

                if (!selftest->chosen[i] || !defect_has_machine(defect))
                        continue;
                result = control_use(selftest, trials, defect, &trials->control_of[i], error, error_size);
                if (!result)
                        result = defect_use(selftest, trials, defect, &trials->of_defect[i], error, error_size);
        }
        return result;
}

void trials_free(struct trials *trials)
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
