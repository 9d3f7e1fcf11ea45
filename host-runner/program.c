/* SPDX-License-Identifier: BSD-2-Clause */
#include "program.h"

#include <string.h>
#include <unistd.h>

void program_folder(char to[PATH_MAX])
{
        ssize_t length = readlink("/proc/self/exe", to, PATH_MAX - 1);
        char *slash;

        to[length > 0 ? length : 0] = 0;
        slash = strrchr(to, '/');
        to[slash ? slash - to : 0] = 0;
}
