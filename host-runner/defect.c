/* SPDX-License-Identifier: BSD-2-Clause */
/* A defect that is declared wrongly is refused with its file and line: none is left out in silence. */
#include "defect.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "case_names.h"

enum { UNSET = -1, PATH = 4096 };

struct reading {
        FILE *stream;
        int line; /* inih counts the lines for itself alone */
        const char *path;
        struct defects *defects;
        size_t first; /* of this file */
        char *error;
        size_t error_size;
        int result;
};

static const char *const by_names[] = {"image", "machine", "shim", "guest"};

const char *defect_by_name(enum defect_by by)
{
        return by_names[by];
}

bool defect_has_machine(const struct defect *defect)
{
        return defect->by == DEFECT_MACHINE || defect->by == DEFECT_SHIM;
}

static int refuse(struct reading *reading, int line, const char *what, const char *value)
{
        snprintf(reading->error, reading->error_size, "%s:%d: %s%.60s", reading->path, line, what, value);
        reading->result = -EINVAL;
        return reading->result;
}

static int text_add(struct texts *texts, const char *value)
{
        char **grown = reallocarray(texts->text, texts->count + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        texts->text = grown;
        texts->text[texts->count] = strdup(value);
        return texts->text[texts->count] ? (void)texts->count++, 0 : -ENOMEM;
}

static int text_set(char **place, const char *value)
{
        free(*place);
        *place = strdup(value);
        return *place ? 0 : -ENOMEM;
}

/* Cases by globs over their ids and clauses; a word that names none is refused. */
static int globs_set(struct reading *reading, bool set[CASE_COUNT], const char *value)
{
        char list[400], *save = NULL;

        if (snprintf(list, sizeof(list), "%s", value) >= (int)sizeof(list))
                return refuse(reading, reading->line, "a list too long: ", value);
        for (char *word = strtok_r(list, ", ", &save); word; word = strtok_r(NULL, ", ", &save))
                if (!cases_set(word, set))
                        return refuse(reading, reading->line, "no case has the id or clause ", word);
        return 0;
}

static int case_set(struct reading *reading, struct defect *defect, const char *value)
{
        defect->case_id = case_find(value);
        return defect->case_id < CASE_COUNT ? 0 : refuse(reading, reading->line, "no case has the id ", value);
}

static int by_set(struct reading *reading, struct defect *defect, const char *value)
{
        for (int by = DEFECT_IMAGE; by <= DEFECT_GUEST; by++)
                if (strcmp(by_names[by], value) == 0) {
                        defect->by = by;
                        return 0;
                }
        return refuse(reading, reading->line, "by: expected image, machine, shim or guest, not ", value);
}

static int expect_set(struct reading *reading, struct defect *defect, const char *value)
{
        for (int verdict = VERDICT_PASS; verdict <= VERDICT_FAIL; verdict++)
                if (strcmp(verdict_name(verdict), value) == 0) {
                        defect->expect = verdict;
                        return 0;
                }
        return refuse(reading, reading->line, "expect: no verdict is called ", value);
}

static const struct {
        const char *name;
        size_t offset;
        bool many;
} text_keys[] = {
        {"clause", offsetof(struct defect, clause), false},   {"machine", offsetof(struct defect, machine), false},
        {"control", offsetof(struct defect, control), false}, {"edit", offsetof(struct defect, edit), true},
        {"set", offsetof(struct defect, set), true},          {"told", offsetof(struct defect, told), true},
        {"shim", offsetof(struct defect, shim), true},        {"guest", offsetof(struct defect, guest), true},
        {"base", offsetof(struct defect, base), true},        {"outcome", offsetof(struct defect, outcome), true},
};

static int key_set(struct reading *reading, struct defect *defect, const char *name, const char *value)
{
        for (size_t i = 0; i < sizeof(text_keys) / sizeof(text_keys[0]); i++) {
                void *place = (char *)defect + text_keys[i].offset;

                if (strcmp(text_keys[i].name, name) == 0)
                        return text_keys[i].many ? text_add(place, value) : text_set(place, value);
        }
        if (strcmp(name, "case") == 0)
                return case_set(reading, defect, value);
        if (strcmp(name, "by") == 0)
                return by_set(reading, defect, value);
        if (strcmp(name, "expect") == 0)
                return expect_set(reading, defect, value);
        if (strcmp(name, "knock-on") == 0)
                return globs_set(reading, defect->knock_on, value);
        if (strcmp(name, "holds") == 0)
                return globs_set(reading, defect->holds, value);
        return refuse(reading, reading->line, "unknown key ", name);
}

/* What every defect must say, and what cannot go together; the line is that of its first key. */
static int defect_complete(struct reading *reading, const struct defect *defect)
{
        const char *wrong = NULL;

        if (defect->case_id == CASE_COUNT)
                wrong = "no case: ";
        else if (!defect->clause || strcmp(defect->clause, clause_print_name(cases[defect->case_id].clause).text) != 0)
                wrong = "the clause is not that of the case: ";
        else if ((int)defect->by == UNSET)
                wrong = "no by: ";
        else if (defect->by == DEFECT_IMAGE && (!defect->edit.count || cases[defect->case_id].stage != STAGE_STATIC))
                wrong = "by = image, but no edit, or a case that is not judged over an image: ";
        else if (defect->by == DEFECT_GUEST &&
                 (!(defect->edit.count + defect->guest.count) || cases[defect->case_id].stage != STAGE_IMAGE))
                wrong = "by = guest, but nothing is changed, or a case that no guest is asked: ";
        else if (defect_has_machine(defect) && (!defect->machine || stage_is_of_image(cases[defect->case_id].stage)))
                wrong = "no machine, or a case that no machine is asked: ";
        else if (defect->by == DEFECT_SHIM && !defect->shim.count)
                wrong = "by = shim, but no line for it: ";
        else if (defect->by != DEFECT_SHIM && defect->shim.count + defect->base.count)
                wrong = "a line for the shim, but by is another: ";
        else if (defect->by == DEFECT_MACHINE && !defect->control && !defect->set.count && !defect->told.count)
                wrong = "nothing is changed, and no control is named: ";
        return wrong ? refuse(reading, defect->line, wrong, defect->id) : 0;
}

static struct defect *defect_add(struct reading *reading, const char *id)
{
        struct defects *defects = reading->defects;
        struct defect *grown;

        for (size_t i = 0; i < defects->count; i++)
                if (strcmp(defects->defect[i].id, id) == 0) {
                        refuse(reading, reading->line, "a second defect with the id ", id);
                        return NULL;
                }
        grown = reallocarray(defects->defect, defects->count + 1, sizeof(*grown));
        if (!grown)
                return NULL;
        defects->defect = grown;
        grown += defects->count;
        *grown = (struct defect){.id = strdup(id),
                                 .file = strdup(reading->path),
                                 .line = reading->line,
                                 .case_id = CASE_COUNT,
                                 .by = (enum defect_by)UNSET,
                                 .expect = VERDICT_FAIL};
        defects->count++;
        return grown->id && grown->file ? grown : NULL;
}

static char *line_read(char *to, int size, void *context)
{
        struct reading *reading = context;
        char *line = fgets(to, size, reading->stream);

        reading->line++;
        if (line && !strchr(line, '\n') && !feof(reading->stream) && !reading->result)
                refuse(reading, reading->line, "the line is too long", "");
        return reading->result ? NULL : line;
}

static int key_read(void *context, const char *section, const char *name, const char *value)
{
        struct reading *reading = context;
        struct defects *defects = reading->defects;
        struct defect *defect = defects->count > reading->first ? &defects->defect[defects->count - 1] : NULL;

        if (reading->result)
                return 0;
        if (!defect || strcmp(defect->id, section) != 0)
                defect = defect_add(reading, section);
        if (defect)
                reading->result = key_set(reading, defect, name, value);
        else if (!reading->result)
                reading->result = -ENOMEM;
        return reading->result == 0;
}

int defects_add(struct defects *defects, const char *path, char *error, size_t error_size)
{
        struct reading reading = {fopen(path, "re"), 0, path, defects, defects->count, error, error_size, 0};
        int parsed;

        if (!reading.stream) {
                int failed = errno;

                snprintf(error, error_size, "%s: cannot be read: %s", path, strerror(failed));
                return -failed;
        }
        snprintf(error, error_size, "%s: out of memory", path);
        parsed = ini_parse_stream(line_read, &reading, key_read, &reading);
        fclose(reading.stream);
        if (!reading.result && parsed)
                return refuse(&reading, parsed, "expected a section or key = value", "");
        for (size_t i = reading.first; i < defects->count && !reading.result; i++)
                reading.result = defect_complete(&reading, &defects->defect[i]);
        return reading.result;
}

static int is_ini(const struct dirent *entry)
{
        size_t length = strlen(entry->d_name);

        return length > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 4, ".ini") == 0;
}

int defects_read(const char *folder, struct defects *ret, char *error, size_t error_size)
{
        struct defects defects = {0};
        struct dirent **entries;
        int count = scandir(folder, &entries, is_ini, alphasort), result = 0;

        if (count < 0) {
                int failed = errno;

                snprintf(error, error_size, "%s: cannot be read: %s", folder, strerror(failed));
                return -failed;
        }
        for (int i = 0; i < count; i++) {
                char path[PATH];

                snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
                if (!result)
                        result = defects_add(&defects, path, error, error_size);
                free(entries[i]);
        }
        free(entries);
        if (result)
                defects_free(&defects);
        else
                *ret = defects;
        return result;
}

static void texts_free(struct texts *texts)
{
        for (size_t i = 0; i < texts->count; i++)
                free(texts->text[i]);
        free(texts->text);
}

void defects_free(struct defects *defects)
{
        for (size_t i = 0; i < defects->count; i++) {
                struct defect *defect = &defects->defect[i];
                struct texts *all[] = {&defect->edit, &defect->guest, &defect->set,    &defect->told,
                                       &defect->shim, &defect->base,  &defect->outcome};

                for (size_t t = 0; t < sizeof(all) / sizeof(all[0]); t++)
                        texts_free(all[t]);
                free(defect->id);
                free(defect->file);
                free(defect->clause);
                free(defect->machine);
                free(defect->control);
        }
        free(defects->defect);
        *defects = (struct defects){0};
}
