/* SPDX-License-Identifier: BSD-2-Clause */
/* What the runner must know before it asks for anything. */
#include <stdio.h>
#include <string.h>

#include "agent.h"

static char places[2000];

bool line_read(const char *path, char *ret, size_t size)
{
        FILE *file = fopen(path, "re");
        bool whole = file && fgets(ret, (int)size, file);

        if (file)
                fclose(file);
        if (whole)
                ret[strcspn(ret, "\n")] = 0;
        return whole;
}

bool ready_add(const char *name, const char *path)
{
        size_t length = strlen(places), room = sizeof(places) - length;

        return snprintf(places + length, room, "%s=%s\n", name, path) < (int)room;
}

void ready_tell(void)
{
        char text[sizeof(places) + 200], major[20] = "?", minor[20] = "?", extra[60] = "";
        int length;

        (void)line_read("/sys/hypervisor/version/major", major, sizeof(major));
        (void)line_read("/sys/hypervisor/version/minor", minor, sizeof(minor));
        (void)line_read("/sys/hypervisor/version/extra", extra, sizeof(extra));
        length =
                snprintf(text, sizeof(text), "protocol=%d\nXen %s.%s%s\n%s", XEN_PROTOCOL, major, minor, extra, places);
        tell(XEN_FRAME_READY, text, (size_t)length);
}
