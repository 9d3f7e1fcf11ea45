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

/* Each transport is a boot of its own; what was booted is the same. */
static void booted_by_removable_path(struct guest *g)
{
        guest_boots_from_removable_path(g);
}

void guest_boots_from_virtio_mmio(struct guest *g)
{
        booted_by_removable_path(g);
}

void guest_boots_from_virtio_scsi(struct guest *g)
{
        booted_by_removable_path(g);
}

void guest_boots_from_nvme(struct guest *g)
{
        booted_by_removable_path(g);
}

void guest_boots_from_usb(struct guest *g)
{
        booted_by_removable_path(g);
}

void guest_boots_from_ahci(struct guest *g)
{
        booted_by_removable_path(g);
}

void guest_boots_from_large_blocks(struct guest *g)
{
        booted_by_removable_path(g);
}

void guest_boots_by_backup_gpt(struct guest *g)
{
        booted_by_removable_path(g);
}
