/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel names the chip of each interrupt: "GICv3", "GICv2", and "GIC-0" where it is of a driver older than names.
 */
#include "own_machine.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "text.h"

enum { INTERRUPTS_MAX = 64 * 1024 };

void own_gic_find(const char *interrupts, char *ret, size_t size)
{
        ret[0] = 0;
        for (const char *at = interrupts; (at = strstr(at, "GIC")); at += 3) {
                bool word = at == interrupts || isspace((unsigned char)at[-1]);

                if (word && at[3] == 'v' && at[4] >= '2' && at[4] <= '9' && !isdigit((unsigned char)at[5])) {
                        text_format(ret, size, "GICv%c", at[4]);
                        return;
                }
                if (word && at[3] == '-' && isdigit((unsigned char)at[4]))
                        text_copy(ret, size, "GICv2");
        }
}

void own_machine_read(struct own_machine *ret)
{
        static char text[INTERRUPTS_MAX];
        struct own_machine own = {0};
        struct utsname name;
        size_t length = 0;
        ssize_t got = 1;
        int fd = open("/proc/interrupts", O_RDONLY | O_CLOEXEC);

        if (uname(&name) == 0)
                text_copy(own.arch, sizeof(own.arch), name.machine);
        while (fd >= 0 && got > 0 && length + 1 < sizeof(text)) {
                got = read(fd, text + length, sizeof(text) - 1 - length);
                length += got > 0 ? (size_t)got : 0;
        }
        if (fd >= 0)
                close(fd);
        text[length] = 0;
        own_gic_find(text, own.gic, sizeof(own.gic));
        *ret = own;
}
