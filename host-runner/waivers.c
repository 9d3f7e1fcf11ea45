/* SPDX-License-Identifier: BSD-2-Clause */
/* A waiver that is not whole, names no clause or no day, or comes twice is refused: none is guessed. */
#include "waivers.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "ini_file.h"
#include "text.h"

enum { WAIVERS_MAX = 1000 };

struct key {
        const char *name;
        size_t offset, room;
};

#define KEY(name)                                                                                                      \
        {                                                                                                              \
#name, offsetof(struct waiver, name), sizeof(((struct waiver *)0)->name)                               \
        }
static const struct key keys[] = {KEY(clause), KEY(machine), KEY(reason), KEY(expires)};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* Values ----------------------------------------------------------------------------------------------------------- */

static bool clause_is_known(const char *glob)
{
        for (int id = 0; id < CLAUSE_COUNT; id++)
                if (fnmatch(glob, clause_print_name(id).text, 0) == 0)
                        return true;
        return false;
}

/* "2024-02-29" and no other shape; a day that the calendar has. */
static bool day_is_real(const char *text)
{
        static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        unsigned year, month, day, end = 0;

        for (size_t i = 0; i < 10; i++)
                if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
                        return false;
        if (text[10] || sscanf(text, "%4u-%2u-%2u%n", &year, &month, &day, (int *)&end) != 3 || end != 10)
                return false;
        if (month < 1 || month > 12 || day < 1)
                return false;
        return day <= days[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static int value_refuse(const char *key, const char *value, const char *expected, char *why, size_t why_size)
{
        char shown[60];

        text_escape(shown, sizeof(shown), value, strnlen(value, 40));
        snprintf(why, why_size, "%s = %s: expected %s", key, shown, expected);
        return -EINVAL;
}

static int value_check(const struct key *key, const char *value, char *why, size_t why_size)
{
        if (!*value)
                return value_refuse(key->name, value, "a value", why, why_size);
        if (strcmp(key->name, "expires") == 0 && !day_is_real(value))
                return value_refuse(key->name, value, "a day as YYYY-MM-DD", why, why_size);
        if (strlen(value) >= key->room)
                return value_refuse(key->name, value, "fewer characters", why, why_size);
        if (strcmp(key->name, "clause") == 0 && !clause_is_known(value))
                return value_refuse(key->name, value, "a clause, see vmspec list clauses", why, why_size);
        return 0;
}

/* The file --------------------------------------------------------------------------------------------------------- */

static struct waiver *waiver_add(struct ledger *ledger, unsigned line, const char *name)
{
        struct waiver *grown = reallocarray(ledger->waiver, ledger->waivers + 1, sizeof(*grown));

        if (!grown)
                return NULL;
        ledger->waiver = grown;
        grown += ledger->waivers++;
        *grown = (struct waiver){.line = line};
        text_copy(grown->name, sizeof(grown->name), name);
        return grown;
}

static bool name_is_taken(const struct ledger *ledger, const char *name)
{
        for (size_t i = 0; i < ledger->waivers; i++)
                if (strcmp(ledger->waiver[i].name, name) == 0)
                        return true;
        return false;
}

static int key_take(void *context, unsigned line, const char *section, const char *name, const char *value, char *why,
                    size_t why_size)
{
        struct ledger *ledger = context;
        struct waiver *waiver = ledger->waivers ? &ledger->waiver[ledger->waivers - 1] : NULL;
        int result;

        if (!waiver || strcmp(waiver->name, section) != 0) {
                if (!*section)
                        return value_refuse(name, value, "a section with the waiver's name before it", why, why_size);
                if (name_is_taken(ledger, section) || ledger->waivers == WAIVERS_MAX)
                        return value_refuse("section", section, "each name once, and at most 1000 of them", why,
                                            why_size);
                waiver = waiver_add(ledger, line, section);
                if (!waiver)
                        return -ENOMEM;
        }
        for (size_t i = 0; i < KEYS; i++) {
                char *place = (char *)waiver + keys[i].offset;

                if (strcmp(keys[i].name, name) != 0)
                        continue;
                if (*place)
                        return value_refuse(name, value, "each key once", why, why_size);
                result = value_check(&keys[i], value, why, why_size);
                if (!result)
                        text_copy(place, keys[i].room, value);
                return result;
        }
        return value_refuse(name, value, "clause, machine, reason or expires", why, why_size);
}

int waivers_read(const char *path, struct ledger *ledger, char *error, size_t error_size)
{
        int result = ini_file_read(path, key_take, ledger, error, error_size);

        for (size_t i = 0; !result && i < ledger->waivers; i++)
                for (size_t k = 0; !result && k < KEYS; k++) {
                        if (*((char *)&ledger->waiver[i] + keys[k].offset))
                                continue;
                        snprintf(error, error_size,
                                 "%s:%u: [%s] has no %s: expected clause, machine, reason and expires", path,
                                 ledger->waiver[i].line, ledger->waiver[i].name, keys[k].name);
                        result = -EINVAL;
                }
        return result;
}

/* Rows ------------------------------------------------------------------------------------------------------------- */

static void waiver_apply(struct ledger *ledger, struct waiver *waiver)
{
        for (size_t s = 0; s < ledger->subjects; s++) {
                struct subject *subject = &ledger->subject[s];

                if (fnmatch(waiver->machine, subject->name, 0) != 0)
                        continue;
                for (size_t i = 0; i < subject->rows; i++) {
                        struct row *row = &subject->row[i];

                        if (row->verdict != VERDICT_FAIL ||
                            fnmatch(waiver->clause, clause_print_name(cases[row->id].clause).text, 0) != 0)
                                continue;
                        waiver->waives++;
                        if (row->waived)
                                continue;
                        row->waived = true;
                        text_format(row->waiver, sizeof(row->waiver), "%s (waiver %s, until %s)", waiver->reason,
                                    waiver->name, waiver->expires);
                }
        }
}

void waivers_apply(struct ledger *ledger, const char *day)
{
        for (size_t i = 0; i < ledger->waivers; i++) {
                ledger->waiver[i].expired = strcmp(ledger->waiver[i].expires, day) < 0;
                if (!ledger->waiver[i].expired)
                        waiver_apply(ledger, &ledger->waiver[i]);
        }
}

void waivers_complain(const struct ledger *ledger, const char *path, FILE *to)
{
        for (size_t i = 0; i < ledger->waivers; i++) {
                const struct waiver *waiver = &ledger->waiver[i];
                char name[4 * WAIVER_NAME];

                text_escape(name, sizeof(name), waiver->name, strlen(waiver->name));
                if (waiver->expired)
                        fprintf(to, "vmspec: %s:%u: the waiver %s expired on %s and waives nothing\n", path,
                                waiver->line, name, waiver->expires);
                else if (!waiver->waives)
                        fprintf(to, "vmspec: %s:%u: the waiver %s is unused: nothing that it names failed\n", path,
                                waiver->line, name);
        }
}

struct waiver_state waiver_state(const struct waiver *waiver)
{
        struct waiver_state state;

        if (waiver->expired)
                text_copy(state.text, sizeof(state.text), "expired");
        else if (!waiver->waives)
                text_copy(state.text, sizeof(state.text), "unused");
        else
                text_format(state.text, sizeof(state.text), "waives %u %s", waiver->waives,
                            waiver->waives == 1 ? "row" : "rows");
        return state;
}
