/* SPDX-License-Identifier: BSD-2-Clause */
/* What one boot writes into the boot variables decides about the next one; nothing of it stays behind. */
#include "boot.h"
#include "option.h"

/*
 * BootOrder of that many numbers, or none, in the place of one that leads to an option which is there: a firmware that
 * puts BootOrder right would keep that one.
 */
static void order_replace(struct guest *g, const uint16_t *number, size_t count)
{
        EFI_STATUS status;

        if (!options_save(g))
                return;
        status = option_write(g, OPTION_BEFORE, OPTION_WHOLE_PATH, option_own_file());
        if (!EFI_ERROR(status))
                status = order_put_first(g, OPTION_BEFORE);
        if (!EFI_ERROR(status))
                status = order_write(g, number, count);
        if (EFI_ERROR(status))
                SKIP(g, "BootOrder cannot be written or deleted: %s", status_name(status).text);
}

/* What BootOrder was replaced by leads nowhere. */
static void order_check_replaced(struct guest *g)
{
        struct order saved, order;

        if (!options_kept(g, &saved))
                return;
        if (EFI_ERROR(order_read(g, &order)) || order_has(&order, OPTION_BEFORE))
                SKIP(g, "BootOrder is as it was before it was written or deleted");
        else
                boot_check_removable_path(g);
        options_restore(g, &saved);
}

void guest_boots_without_boot_order(struct guest *g)
{
        if (g->part == 1)
                order_replace(g, NULL, 0);
        else
                order_check_replaced(g);
}

void guest_boots_with_missing_options(struct guest *g)
{
        static const uint16_t missing[] = {OPTION_NONE, OPTION_OTHER_NONE};

        if (g->part == 1)
                order_replace(g, missing, sizeof(missing) / sizeof(missing[0]));
        else
                order_check_replaced(g);
}

void guest_written_option_is_booted(struct guest *g)
{
        struct order saved;

        if (g->part == 1) {
                if (options_save(g) &&
                    CHECK_STATUS(g, option_write(g, OPTION_ORDERED, OPTION_WHOLE_PATH, option_own_file()), EFI_SUCCESS))
                        CHECK_STATUS(g, order_put_first(g, OPTION_ORDERED), EFI_SUCCESS);
                return;
        }
        if (!options_kept(g, &saved))
                return;
        option_check_taken(g, OPTION_ORDERED);
        options_restore(g, &saved);
}

void guest_boot_next_is_used_once(struct guest *g)
{
        struct order saved;
        uint16_t next = 0;

        if (g->part == 1) {
                if (options_save(g) &&
                    CHECK_STATUS(g, option_write(g, OPTION_NEXT, OPTION_WHOLE_PATH, option_own_file()), EFI_SUCCESS))
                        CHECK_STATUS(g, boot_next_write(g, OPTION_NEXT), EFI_SUCCESS);
                return;
        }
        if (!options_kept(g, &saved))
                return;
        option_check_taken(g, OPTION_NEXT);
        CHECK_STATUS(g, boot_number_read(g, L"BootNext", &next), EFI_NOT_FOUND);
        options_restore(g, &saved);
}

void guest_missing_file_falls_through(struct guest *g)
{
        static const uint16_t only[] = {OPTION_NO_FILE};
        struct order saved, order;
        uint16_t current = 0;

        if (g->part == 1) {
                if (options_save(g) &&
                    (EFI_ERROR(option_write(g, OPTION_NO_FILE, OPTION_WHOLE_PATH, "\\EFI\\VMSPEC\\MISSING.EFI")) ||
                     EFI_ERROR(order_write(g, only, 1))))
                        SKIP(g, "the boot option cannot be written");
                return;
        }
        if (!options_kept(g, &saved))
                return;
        if (EFI_ERROR(order_read(g, &order)) || !order_has(&order, OPTION_NO_FILE)) {
                SKIP(g, "BootOrder no longer has the option: lost, or put right by the firmware");
        } else {
                boot_check_removable_path(g);
                if (boot_number_read(g, L"BootCurrent", &current) == EFI_SUCCESS)
                        CHECK_NE(g, current, OPTION_NO_FILE);
        }
        options_restore(g, &saved);
}

/* The option names the partition by its GUID, as an installer writes it: where the disk stands does not matter. */
void guest_more_disks_do_not_change_the_boot(struct guest *g)
{
        struct order saved;

        if (g->part == 1) {
                if (options_save(g) &&
                    (EFI_ERROR(option_write(g, OPTION_INSTALLED, OPTION_SHORT_PATH, option_own_file())) ||
                     EFI_ERROR(order_put_first(g, OPTION_INSTALLED))))
                        SKIP(g, "the boot option cannot be written");
                return;
        }
        if (!options_kept(g, &saved))
                return;
        option_check_taken(g, OPTION_INSTALLED);
        options_restore(g, &saved);
}
