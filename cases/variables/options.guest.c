/* SPDX-License-Identifier: BSD-2-Clause */
/* Each Boot#### is read as UEFI lays out an EFI_LOAD_OPTION, and its partition is looked for on every disk. */
#include "guest.h"

static EFI_GUID global_guid = {0x8be4df61, 0x93ca, 0x11d2, {0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c}};
static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

enum { OPTION_MAX = 4096, MEDIA = 4, HARD_DRIVE = 1, END = 0x7f, HARD_DRIVE_SIZE = 42, SIGNATURE = 24, FORMAT = 40 };

static bool is_boot_option(const struct var_name *name)
{
        static const CHAR16 boot[] = L"Boot";
        bool hex = memcmp(name->text, boot, 4 * sizeof(CHAR16)) == 0 && name->text[8] == 0;

        for (size_t i = 4; i < 8 && hex; i++)
                hex = (name->text[i] >= '0' && name->text[i] <= '9') || (name->text[i] >= 'A' && name->text[i] <= 'F');
        return hex && memcmp(&name->vendor, &global_guid, sizeof(global_guid)) == 0;
}

/* The first hard drive node of a path of at most size bytes; NULL where it has none. */
static const uint8_t *hard_drive(const uint8_t *path, size_t size)
{
        for (size_t at = 0; at + 4 <= size;) {
                size_t length = wire_get16(path + at + 2);

                if ((path[at] & 0x7f) == END || length < 4 || length > size - at)
                        return NULL;
                if ((path[at] & 0x7f) == MEDIA && path[at + 1] == HARD_DRIVE && length >= HARD_DRIVE_SIZE)
                        return path + at;
                at += length;
        }
        return NULL;
}

/* Attributes, the list's length, a description that ends in a NUL, the list. NULL: no partition is named. */
static const uint8_t *option_partition(const uint8_t *option, size_t size)
{
        size_t at = 6, length = size > 6 ? wire_get16(option + 4) : 0;

        while (at + 2 <= size && wire_get16(option + at))
                at += 2;
        at += 2;
        return at < size ? hard_drive(option + at, length < size - at ? length : size - at) : NULL;
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
                        node = hard_drive(path, OPTION_MAX);
                found = node && memcmp(node + SIGNATURE, partition + SIGNATURE, 16) == 0 &&
                        node[FORMAT + 1] == partition[FORMAT + 1] && wire_get32(node + 4) == wire_get32(partition + 4);
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
                  partition ? "partition " : "no partition", partition ? text_guid(partition + SIGNATURE).text : "");
}

void guest_boot_options_lead_to_partitions(struct guest *g)
{
        static struct var_name name;
        unsigned options = 0, names = 0;

        memset(&name, 0, sizeof(name));
        while (names++ < VAR_NAMES_MAX && !EFI_ERROR(var_next(g, &name)))
                if (is_boot_option(&name)) {
                        options++;
                        option_check(g, &name);
                }
        CHECK_LE(g, names, VAR_NAMES_MAX);
        NOTE_NUMBER(g, "boot options", options);
}
