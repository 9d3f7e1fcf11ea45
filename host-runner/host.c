/* SPDX-License-Identifier: BSD-2-Clause */
/* The host halves by case id, and what they ask of the history. */
#include "host.h"

#include <stdlib.h>

#define HOST_IN_G(id) NULL
#define HOST_IN_J(id) NULL
#define HOST_IN_GJ(id) NULL
#define HOST_IN_H(id) host_##id
#define HOST_IN_GH(id) host_##id
#define HOST_IN_JH(id) host_##id

#define WAIVED(clause, reason)
host_function *const host_halves[CASE_COUNT] = {
#define CASE(id, clause, stage, route, needs, halves, claim) [CASE_##id] = HOST_IN_##halves(id),
#include "catalogue.def"
#undef CASE
};
#undef WAIVED

const struct history_event *host_event(const struct host *h, unsigned boot, const char *name,
                                       const struct history_event *from)
{
        const struct history_event *end = h->history->event + h->history->events;

        for (const struct history_event *at = from ? from + 1 : h->history->event; at < end; at++)
                if (at->boot == boot && strcmp(at->name, name) == 0)
                        return at;
        return NULL;
}

bool host_noted(const struct host *h, unsigned part, const char *name, uint64_t *ret)
{
        for (size_t i = 0; i < h->row->entries; i++) {
                const struct entry *entry = &h->row->entry[i];

                if (entry->fact.kind != FACT_NOTE || entry->part != part || entry->half != HALF_G ||
                    strcmp(entry->fact.what, name) != 0)
                        continue;
                *ret = strtoull(entry->fact.got, NULL, 0);
                return true;
        }
        return false;
}
