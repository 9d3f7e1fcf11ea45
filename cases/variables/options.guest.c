/* SPDX-License-Identifier: BSD-2-Clause */
/* Each Boot#### is read as UEFI lays out an EFI_LOAD_OPTION, and its partition is looked for on every disk. */
#include "boot/option.h"

static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

/* NULL: no partition is named. */
static const uint8_t *option_partition(const uint8_t *option, size_t size)
{
        size_t length = 0;
        const uint8_t *path = option_path(option, size, &length);

        return path ? path_hard_drive(path, length) : NULL;
}

static bool is_present(struct guest *g, const uint8_t *partition)
{
        EFI_HANDLE *handles = NULL;
        UINTN count = 0;
        bool found = false;

        if (EFI_ERROR(g->bs->LocateHandleBuffer(ByProtocol, &device_path_guid, NULL, &count, &handles)))
                return false;
        for (UINTN i = 0; i < count && !found; i++) {
                const uint8_t *node = NULL;
                void *path = NULL;

                if (!EFI_ERROR(g->bs->HandleProtocol(handles[i], &device_path_guid, &path)) && path)
                        node = path_hard_drive(path, OPTION_MAX);
                found = node && memcmp(node + HARD_DRIVE_SIGNATURE, partition + HARD_DRIVE_SIGNATURE, 16) == 0 &&
                        node[HARD_DRIVE_FORMAT + 1] == partition[HARD_DRIVE_FORMAT + 1] &&
                        wire_get32(node + 4) == wire_get32(partition + 4);
        }
        (void)g->bs->FreePool(handles);
        return found;
}

static void option_check(struct guest *g, struct var_name *name)
{
        static uint8_t option[OPTION_MAX];
        UINTN size = sizeof(option);
        EFI_STATUS status = g->rt->GetVariable(name->text, &name->vendor, NULL, &size, option);
        const uint8_t *partition;

        if (status == EFI_BUFFER_TOO_SMALL) {
                SKIP(g, "a boot option of %llu bytes is longer than is read", (unsigned long long)size);
                return;
        }
        if (!CHECK_STATUS(g, status, EFI_SUCCESS))
                return;
        partition = option_partition(option, size);
        CHECK_SAY(g, !partition || is_present(g, partition), "a partition that is there, or none",
                  "Boot%c%c%c%c leads to %s%s", name->text[4], name->text[5], name->text[6], name->text[7],
                  partition ? "partition " : "no partition",
                  partition ? text_guid(partition + HARD_DRIVE_SIGNATURE).text : "");
}

void guest_boot_options_lead_to_partitions(struct guest *g)
{
        static struct var_name name;
        unsigned options = 0, names = 0;

        memset(&name, 0, sizeof(name));
        while (names++ < VAR_NAMES_MAX && !EFI_ERROR(var_next(g, &name)))
                if (option_is_boot(&name)) {
                        options++;
                        option_check(g, &name);
                }
        CHECK_LE(g, names, VAR_NAMES_MAX);
        NOTE_NUMBER(g, "boot options", options);
}
