/* SPDX-License-Identifier: BSD-2-Clause */
/* The application was started from the removable media path, not by an option that somebody had prepared. */
#include "guest.h"

void guest_boots_from_removable_path(struct guest *g)
{
        char path[64] = "";
        bool removable = false;
        static const char *const paths[] = {"EFI\\BOOT\\BOOTAA64.EFI", "EFI\\BOOT\\BOOTARM.EFI",
                                            "EFI\\BOOT\\BOOTX64.EFI"};

        if (!CHECK(g, evidence_text(g->evidence, EVIDENCE_DISK, "file_path", path, sizeof(path))))
                return;
        for (size_t i = 0; path[i]; i++)
                path[i] = path[i] >= 'a' && path[i] <= 'z' ? (char)(path[i] - 32) : path[i];
        for (size_t i = 0; i < 3; i++)
                removable |= strcmp(path[0] == '\\' ? path + 1 : path, paths[i]) == 0;
        CHECK_SAY(g, removable, "the removable media path", "%s", path);
}
