/* SPDX-License-Identifier: BSD-2-Clause */
/* A line of a baseline that names no case, no verdict or no reason is refused: an expectation is always explained. */
#include "baseline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ini_file.h"
#include "machine.h"
#include "text.h"

struct listing {
        struct expectation expected;
        unsigned line; /* 0: not listed */
        bool verdict;
};

static int verdict_find(const char *value)
{
        for (int verdict = VERDICT_PASS; verdict <= VERDICT_FAIL; verdict++)
                if (strcmp(verdict_name(verdict), value) == 0)
                        return verdict;
        return -1;
}

static int refuse(char *why, size_t why_size, const char *found, const char *expected)
{
        char shown[80];

        text_escape(shown, sizeof(shown), found, strnlen(found, 60));
        snprintf(why, why_size, "%s: expected %s", shown, expected);
        return -EINVAL;
}

static int key_take(void *context, unsigned line, const char *section, const char *name, const char *value, char *why,
                    size_t why_size)
{
        enum case_id id = case_find(section);
        struct listing *listing = (struct listing *)context + id;

        if (id == CASE_COUNT)
                return refuse(why, why_size, section, "a section with the id of a case, see vmspec list cases");
        listing->line = listing->line ? listing->line : line;
        if (strcmp(name, "verdict") == 0) {
                int verdict = verdict_find(value);

                if (verdict < 0 || listing->verdict)
                        return refuse(why, why_size, value, "one verdict: FAIL, SKIP, NOT-APPLICABLE, ERROR or PASS");
                listing->expected.verdict = (enum verdict)verdict;
                listing->verdict = true;
                return 0;
        }
        if (strcmp(name, "reason") != 0)
                return refuse(why, why_size, name, "verdict or reason");
        if (!*value || *listing->expected.reason || strlen(value) >= sizeof(listing->expected.reason))
                return refuse(why, why_size, "reason", "one, in fewer than 200 characters");
        text_copy(listing->expected.reason, sizeof(listing->expected.reason), value);
        return 0;
}

static int listing_take(const char *path, struct subject *subject, enum case_id id, const struct listing *listing,
                        char *error, size_t error_size)
{
        struct row *row = subject_row(subject, id);

        if (!listing->verdict || !*listing->expected.reason) {
                snprintf(error, error_size, "%s:%u: [%s] has no %s: expected verdict and reason", path, listing->line,
                         cases[id].name, listing->verdict ? "reason" : "verdict");
                return -EINVAL;
        }
        if (!row) {
                subject->unjudged++;
                return 0;
        }
        row->expected = listing->expected;
        row->expected.listed = true;
        return 0;
}

int baseline_read(const char *path, struct subject *subject, char *error, size_t error_size)
{
        struct listing *listings = calloc(CASE_COUNT, sizeof(*listings));
        int result = -ENOMEM;

        snprintf(error, error_size, "%s: out of memory", path);
        if (listings)
                result = ini_file_read(path, key_take, listings, error, error_size);
        for (int id = 0; !result && id < CASE_COUNT; id++)
                if (listings[id].line)
                        result = listing_take(path, subject, id, &listings[id], error, error_size);
        free(listings);
        subject->baseline = result == 0;
        return result;
}

/* <folder>/<kind>/<id>.ini in *ret where there is such a file, NULL where not. */
static int file_find(const char *folder, const char *kind, const char *id, char **ret)
{
        char *path = NULL;

        *ret = NULL;
        if (!folder)
                return 0;
        if (asprintf(&path, "%s/%s/%s.ini", folder, kind, id) < 0)
                return -ENOMEM;
        if (access(path, F_OK) == 0)
                *ret = path;
        else
                free(path);
        return 0;
}

/* A machine of the user's own that has the id of a built-in one is another machine: the built-in baseline is not its.
 */
static int subject_read(const char *built_in, const char *own, struct subject *subject, char *error, size_t error_size)
{
        char *path = NULL, *machine = NULL;
        int result = file_find(own, "baselines", subject->name, &path);

        if (!result && !path)
                result = file_find(own, "machines", subject->name, &machine);
        if (!result && !path && !machine)
                result = file_find(built_in, "baselines", subject->name, &path);
        if (!result && path)
                result = baseline_read(path, subject, error, error_size);
        free(path);
        free(machine);
        return result;
}

int baselines_read(const char *built_in, struct ledger *ledger, char *error, size_t error_size)
{
        char *own = NULL;
        int result = machines_own_folder(&own);

        snprintf(error, error_size, "out of memory");
        for (size_t s = 0; !result && s < ledger->subjects; s++) {
                struct subject *subject = &ledger->subject[s];

                /* The name may come from a journal that somebody else wrote: it is no path. */
                if (!subject->image && *subject->name && *subject->name != '.' && !strchr(subject->name, '/'))
                        result = subject_read(built_in, own, subject, error, error_size);
        }
        free(own);
        return result;
}
