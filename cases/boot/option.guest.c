/* SPDX-License-Identifier: BSD-2-Clause */
/* What the suite writes into the boot variables is as UEFI lays it out, and is taken back. */
#include "option.h"

static EFI_GUID global_guid = {0x8be4df61, 0x93ca, 0x11d2, {0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c}};
static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

enum { MEDIA = 4, HARD_DRIVE = 1, FILE_PATH = 4, END = 0x7f, ACTIVE = 1, OWN_MAX = 1024, NAME_MAX = 9, DATA_MAX = 64 };

static const char description[] = "vmspec";

/* Reading ---------------------------------------------------------------------------------------------------------- */

bool option_is_boot(const struct var_name *name)
{
        static const CHAR16 boot[] = L"Boot";
        bool hex = memcmp(name->text, boot, 4 * sizeof(CHAR16)) == 0 && name->text[8] == 0;

        for (size_t i = 4; i < 8 && hex; i++)
                hex = (name->text[i] >= '0' && name->text[i] <= '9') || (name->text[i] >= 'A' && name->text[i] <= 'F');
        return hex && memcmp(&name->vendor, &global_guid, sizeof(global_guid)) == 0;
}

/* Attributes, the list's length, a description that ends in a NUL, the list. */
const uint8_t *option_path(const uint8_t *option, size_t size, size_t *ret_size)
{
        size_t at = 6, length = size > 6 ? wire_get16(option + 4) : 0;

        while (at + 2 <= size && wire_get16(option + at))
                at += 2;
        at += 2;
        if (at >= size)
                return NULL;
        *ret_size = length < size - at ? length : size - at;
        return option + at;
}

size_t path_length(const uint8_t *path, size_t size)
{
        size_t at = 0;

        while (at + 4 <= size && (path[at] & 0x7f) != END && wire_get16(path + at + 2) >= 4)
                at += wire_get16(path + at + 2);
        return at < size ? at : size;
}

const uint8_t *path_hard_drive(const uint8_t *path, size_t size)
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

EFI_STATUS order_read(struct guest *g, struct order *ret)
{
        UINTN size = sizeof(ret->number);
        EFI_STATUS status;

        memset(ret, 0, sizeof(*ret));
        ret->nonce = g->nonce;
        status = g->rt->GetVariable(L"BootOrder", &global_guid, NULL, &size, ret->number);
        if (status == EFI_SUCCESS) {
                ret->there = true;
                ret->count = (uint32_t)(size / sizeof(ret->number[0]));
        }
        return status == EFI_NOT_FOUND ? EFI_SUCCESS : status;
}

bool order_has(const struct order *order, uint16_t number)
{
        for (size_t i = 0; i < order->count; i++)
                if (order->number[i] == number)
                        return true;
        return false;
}

EFI_STATUS boot_number_read(struct guest *g, CHAR16 *name, uint16_t *ret)
{
        uint16_t number = 0;
        UINTN size = sizeof(number);
        EFI_STATUS status = g->rt->GetVariable(name, &global_guid, NULL, &size, &number);

        if (status == EFI_SUCCESS)
                *ret = number;
        return status;
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

static EFI_STATUS global_write(struct guest *g, CHAR16 *name, const void *data, UINTN size)
{
        return g->rt->SetVariable(name, &global_guid, size ? VAR_NV_BS_RT : 0, size, (void *)(uintptr_t)data);
}

EFI_STATUS order_write(struct guest *g, const uint16_t *number, size_t count)
{
        EFI_STATUS status = global_write(g, L"BootOrder", number, count * sizeof(*number));

        return count == 0 && status == EFI_NOT_FOUND ? EFI_SUCCESS : status;
}

EFI_STATUS order_put_first(struct guest *g, uint16_t number)
{
        struct order order;
        EFI_STATUS status = order_read(g, &order);

        if (EFI_ERROR(status))
                return status;
        if (order.count == ORDER_MAX)
                order.count--;
        memmove(order.number + 1, order.number, order.count * sizeof(order.number[0]));
        order.number[0] = number;
        return order_write(g, order.number, order.count + 1);
}

EFI_STATUS boot_next_write(struct guest *g, uint16_t number)
{
        return global_write(g, L"BootNext", &number, sizeof(number));
}

static void wide_put(uint8_t *to, const char *text, size_t characters)
{
        for (size_t i = 0; i < characters; i++)
                wire_put16(to + 2 * i, (uint8_t)text[i]);
}

static void option_name(uint16_t number, CHAR16 to[NAME_MAX])
{
        char text[NAME_MAX];
        size_t i = 0;

        text_format(text, sizeof(text), "Boot%04x", number);
        for (; text[i]; i++)
                to[i] = (CHAR16)(text[i] >= 'a' && i >= 4 ? text[i] - 32 : text[i]);
        to[i] = 0;
}

/* What an option hands to its application: nobody else knows the nonce. */
static size_t option_data(const struct guest *g, uint8_t to[DATA_MAX])
{
        char text[DATA_MAX / 2];
        size_t length = text_format(text, sizeof(text), "vmspec %llx", (unsigned long long)g->nonce);

        wide_put(to, text, length + 1);
        return 2 * (length + 1);
}

/* The booted partition's path in that form; nothing where it has none, or one too long. */
static size_t partition_path(struct guest *g, enum option_form form, uint8_t *to, size_t room)
{
        EFI_LOADED_IMAGE *loaded = NULL;
        const uint8_t *from = NULL;
        size_t length = HARD_DRIVE_SIZE;

        if (EFI_ERROR(g->bs->HandleProtocol(g->image, &loaded_image_guid, (void **)&loaded)) ||
            EFI_ERROR(g->bs->HandleProtocol(loaded->DeviceHandle, &device_path_guid, (void **)&from)) || !from)
                return 0;
        if (form == OPTION_SHORT_PATH)
                from = path_hard_drive(from, OPTION_MAX);
        else
                length = path_length(from, OPTION_MAX);
        if (!from || length > room)
                return 0;
        memcpy(to, from, length);
        return length;
}

EFI_STATUS option_write(struct guest *g, uint16_t number, enum option_form form, const char *file)
{
        static uint8_t option[OWN_MAX];
        size_t list = 6 + 2 * sizeof(description), at, file_size = 2 * (strlen(file) + 1), partition;
        CHAR16 name[NAME_MAX];

        partition = partition_path(g, form, option + list, OWN_MAX / 2);
        if (!partition || list + partition + 4 + file_size + 4 + DATA_MAX > OWN_MAX)
                return EFI_NOT_FOUND;
        at = list + partition;
        wire_put32(option, ACTIVE);
        wide_put(option + 6, description, sizeof(description));
        option[at] = MEDIA;
        option[at + 1] = FILE_PATH;
        wire_put16(option + at + 2, (uint16_t)(4 + file_size));
        wide_put(option + at + 4, file, file_size / 2);
        at += 4 + file_size;
        option[at] = END;
        option[at + 1] = 0xff;
        wire_put16(option + at + 2, 4);
        at += 4;
        wire_put16(option + 4, (uint16_t)(at - list));
        at += option_data(g, option + at);
        option_name(number, name);
        return global_write(g, name, option, at);
}

const char *option_own_file(void)
{
        return strcmp(arch_name, "aarch64") == 0 ? "\\EFI\\BOOT\\BOOTAA64.EFI"
               : strcmp(arch_name, "arm") == 0   ? "\\EFI\\BOOT\\BOOTARM.EFI"
                                                 : "\\EFI\\BOOT\\BOOTX64.EFI";
}

void option_check_taken(struct guest *g, uint16_t number)
{
        uint8_t data[DATA_MAX];
        size_t size = option_data(g, data);
        EFI_LOADED_IMAGE *loaded = NULL;
        uint16_t current = 0;

        if (CHECK_STATUS(g, boot_number_read(g, L"BootCurrent", &current), EFI_SUCCESS))
                CHECK_EQ(g, current, number);
        if (!CHECK_STATUS(g, g->bs->HandleProtocol(g->image, &loaded_image_guid, (void **)&loaded), EFI_SUCCESS))
                return;
        CHECK_SAY(g,
                  loaded->LoadOptions && loaded->LoadOptionsSize == size &&
                          memcmp(loaded->LoadOptions, data, size) == 0,
                  "the option's data as load options", "%u bytes of load options%s", (unsigned)loaded->LoadOptionsSize,
                  loaded->LoadOptionsSize == size ? "" : ", another length");
}

/* A case's two boots ----------------------------------------------------------------------------------------------- */

bool options_save(struct guest *g)
{
        struct order order;
        EFI_STATUS status = order_read(g, &order);

        if (!EFI_ERROR(status))
                status = var_write(g, L"VmspecBootOrder", VAR_NV_BS_RT, &order, sizeof(order));
        if (EFI_ERROR(status))
                SKIP(g, "BootOrder cannot be kept in a non-volatile variable: %s", status_name(status).text);
        return !EFI_ERROR(status);
}

/* Nothing that the suite wrote decides about a boot any longer. */
static void options_sweep(struct guest *g)
{
        struct order order;
        uint32_t kept = 0;
        CHAR16 name[NAME_MAX];

        (void)global_write(g, L"BootNext", NULL, 0);
        for (uint16_t number = OPTION_FIRST; number <= OPTION_LAST; number++) {
                option_name(number, name);
                (void)global_write(g, name, NULL, 0);
        }
        if (EFI_ERROR(order_read(g, &order)))
                return;
        for (uint32_t i = 0; i < order.count; i++)
                if (order.number[i] < OPTION_FIRST || order.number[i] > OPTION_LAST)
                        order.number[kept++] = order.number[i];
        if (kept < order.count)
                (void)order_write(g, order.number, kept);
}

bool options_kept(struct guest *g, struct order *ret)
{
        EFI_STATUS status = var_read(g, L"VmspecBootOrder", ret, sizeof(*ret));

        if (status == EFI_SUCCESS && ret->nonce == g->nonce && ret->count <= ORDER_MAX) {
                (void)var_delete(g, L"VmspecBootOrder");
                return true;
        }
        SKIP(g, "the variables of the boot before are not there: %s", status_name(status).text);
        options_sweep(g);
        return false;
}

void options_restore(struct guest *g, const struct order *saved)
{
        options_sweep(g);
        (void)order_write(g, saved->number, saved->there ? saved->count : 0);
}
