/* SPDX-License-Identifier: BSD-2-Clause */
/* A lane counts as done only where its end is in the journal; one that was cut short is made again from its beginning.
 */
#include "resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

enum { RESUMED_MACHINES = 64 };

struct reading {
        struct resumed *resumed;
        bool header;
        char found[24]; /* the catalogue of the run */
};

static int machine_add(struct resumed *resumed, const json_t *machine)
{
        struct resumed_machine *grown = reallocarray(resumed->machine, resumed->machines + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        resumed->machine = grown;
        grown += resumed->machines++;
        *grown = (struct resumed_machine){
                .id = strdup(journal_text(machine, "id")),
                .declaration = (uint32_t)json_integer_value(json_object_get(machine, "declaration")),
        };
        return grown->id ? 0 : -ENOMEM;
}

/* What was to be done: every machine, and every case. */
static int take_run(struct reading *reading, const json_t *line)
{
        const json_t *value;
        int result = 0;
        size_t i;

        if (reading->header)
                return -EINVAL;
        reading->header = true;
        snprintf(reading->found, sizeof(reading->found), "%s", journal_text(line, "catalogue"));
        json_array_foreach(json_object_get(line, "machines"), i, value)
        {
                if (!result)
                        result = machine_add(reading->resumed, value);
        }
        json_array_foreach(json_object_get(line, "cases"), i, value)
        {
                const char *text = json_string_value(value);
                enum case_id id = text ? case_find(text) : CASE_COUNT;

                if (id < CASE_COUNT)
                        reading->resumed->selected[id] = true;
        }
        return result;
}

static struct resumed_machine *machine_named(struct resumed *resumed, const char *id)
{
        for (size_t i = 0; i < resumed->machines; i++)
                if (strcmp(resumed->machine[i].id, id) == 0)
                        return &resumed->machine[i];
        return NULL;
}

static int take_subject(struct resumed *resumed, const json_t *line)
{
        struct resumed_machine *machine = machine_named(resumed, journal_text(line, "machine"));

        if (!machine)
                return -EINVAL;
        machine->told = true;
        return 0;
}

/* A lane of the plan has its place there; one that only tried the accelerator has none. */
static int take_lane(struct resumed *resumed, const json_t *line)
{
        json_int_t number = json_integer_value(json_object_get(line, "lane"));
        const json_t *place = json_object_get(line, "place");
        struct resumed_machine *machine = machine_named(resumed, journal_text(line, "subject"));
        unsigned at = (unsigned)json_integer_value(place);

        if (number < 0 || number > 100000)
                return -EINVAL;
        if (resumed->lanes <= number)
                resumed->lanes = (unsigned)number + 1;
        if (!json_is_integer(place))
                return 0;
        if (!machine || at >= LANES_MAX)
                return -EINVAL;
        machine->known[at] = true;
        machine->ended[at] = false;
        machine->lane[at] = (unsigned)number;
        return 0;
}

static int take_lane_end(struct resumed *resumed, const json_t *line)
{
        json_int_t number = json_integer_value(json_object_get(line, "lane"));

        for (size_t m = 0; m < resumed->machines; m++)
                for (unsigned at = 0; at < LANES_MAX; at++)
                        if (resumed->machine[m].known[at] && resumed->machine[m].lane[at] == number)
                                resumed->machine[m].ended[at] = true;
        return 0;
}

static int line_take(void *context, const json_t *line)
{
        struct reading *reading = context;
        const char *event = journal_text(line, "event");

        if (strcmp(event, "run") == 0)
                return take_run(reading, line);
        if (!reading->header)
                return -EINVAL;
        if (strcmp(event, "subject") == 0)
                return take_subject(reading->resumed, line);
        if (strcmp(event, "lane") == 0)
                return take_lane(reading->resumed, line);
        if (strcmp(event, "lane-end") == 0)
                return take_lane_end(reading->resumed, line);
        reading->resumed->complete |= strcmp(event, "end") == 0;
        return 0;
}

int resumed_read(const char *folder, struct resumed *ret, char *error, size_t error_size)
{
        struct resumed resumed = {0};
        struct reading reading = {.resumed = &resumed};
        char mine[24];
        int result = journal_read(folder, line_take, &reading, error, error_size);

        snprintf(mine, sizeof(mine), "0x%016llx", (unsigned long long)catalogue_hash);
        if (result == -EBADMSG)
                result = 0; /* that it is cut short is why it is resumed */
        if (!result && resumed.machines > RESUMED_MACHINES) {
                snprintf(error, error_size, "%s: the run has %zu machines, expected at most %d", folder,
                         resumed.machines, RESUMED_MACHINES);
                result = -E2BIG;
        } else if (!result && (!reading.header || !resumed.machines)) {
                snprintf(error, error_size,
                         "%s: the journal does not say what was to be run: expected one of `vmspec run`", folder);
                result = -EINVAL;
        } else if (!result && strcmp(reading.found, mine) != 0) {
                snprintf(error, error_size, "%s: the run was made with catalogue %s, expected %s", folder,
                         reading.found, mine);
                result = -ESTALE;
        }
        if (result)
                resumed_free(&resumed);
        else
                *ret = resumed;
        return result;
}

void resumed_free(struct resumed *resumed)
{
        for (size_t i = 0; i < resumed->machines; i++)
                free(resumed->machine[i].id);
        free(resumed->machine);
        *resumed = (struct resumed){0};
}
