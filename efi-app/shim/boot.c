/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot manager of the next boot decides as a broken one would. What it reads is changed at the end of this boot,
 * behind the application's back:
 *
 *   ignores-order    BootOrder is what it was when the application started
 *   ignores-next     BootNext is gone
 *   shell-without-order    without a BootOrder the firmware's shell is booted
 *   shell-for-missing      where the first option of BootOrder does not exist, the shell is
 *   shell-after-one        where BootOrder has but one option, the shell is
 *
 * or at the start of this one:
 *
 *   keeps-next       a BootNext that was taken is still there
 *   current-unknown  BootCurrent names no option
 *   no-data          the application is not handed its option's data
 */
#include "shim.h"

#include <string.h>

enum { ORDER_MAX = 64, OPTION_MAX = 1024, SUITE_FIRST = 0x0f00, NO_OPTION = 0xffff };

static EFI_GUID global_guid = {0x8be4df61, 0x93ca, 0x11d2, {0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c}};
static const UINT32 stored = EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
static EFI_RUNTIME_SERVICES *runtime;
static EFI_RESET_SYSTEM reset_system;
static const char *habit;
static uint16_t first_order[ORDER_MAX];
static UINTN first_size;

static UINTN order_get(uint16_t order[ORDER_MAX])
{
        UINTN size = ORDER_MAX * sizeof(order[0]);

        return EFI_ERROR(runtime->GetVariable(L"BootOrder", &global_guid, NULL, &size, order)) ? 0 : size;
}

static UINTN option_get(uint16_t number, uint8_t option[OPTION_MAX])
{
        static const char digits[] = "0123456789ABCDEF";
        CHAR16 name[] = L"Boot0000";
        UINTN size = OPTION_MAX;

        for (unsigned i = 0; i < 4; i++)
                name[4 + i] = (CHAR16)digits[number >> (12 - 4 * i) & 15];
        return EFI_ERROR(runtime->GetVariable(name, &global_guid, NULL, &size, option)) ? 0 : size;
}

/* The number of the option for the firmware's shell, which is among those of the first BootOrder. */
static uint16_t shell_find(void)
{
        static const CHAR16 shell[] = L"EFI Internal Shell";
        static uint8_t option[OPTION_MAX];

        for (UINTN i = 0; i < first_size / sizeof(first_order[0]); i++)
                if (option_get(first_order[i], option) >= 6 + sizeof(shell) &&
                    memcmp(option + 6, shell, sizeof(shell)) == 0)
                        return first_order[i];
        return NO_OPTION;
}

/* True where the boot variables are those of which a habit makes the shell. */
static bool shell_is_due(void)
{
        static uint8_t option[OPTION_MAX];
        static uint16_t order[ORDER_MAX];
        UINTN size = order_get(order);

        if (strcmp(habit, "shell-without-order") == 0)
                return size == 0;
        if (strcmp(habit, "shell-for-missing") == 0)
                return size && order[0] >= SUITE_FIRST && !option_get(order[0], option);
        return strcmp(habit, "shell-after-one") == 0 && size == sizeof(order[0]);
}

static EFI_STATUS EFIAPI reset_in_disorder(EFI_RESET_TYPE type, EFI_STATUS status, UINTN size, CHAR16 *data)
{
        uint16_t shell = shell_is_due() ? shell_find() : NO_OPTION;

        if (strcmp(habit, "ignores-order") == 0)
                (void)runtime->SetVariable(L"BootOrder", &global_guid, stored, first_size, first_order);
        if (strcmp(habit, "ignores-next") == 0)
                (void)runtime->SetVariable(L"BootNext", &global_guid, 0, 0, NULL);
        if (shell != NO_OPTION)
                (void)runtime->SetVariable(L"BootNext", &global_guid, stored, sizeof(shell), &shell);
        return reset_system(type, status, size, data);
}

static EFI_STATUS start_in_disorder(struct shim *shim)
{
        uint16_t current = NO_OPTION, unknown = NO_OPTION;
        UINTN size = sizeof(current);

        (void)runtime->GetVariable(L"BootCurrent", &global_guid, NULL, &size, &current);
        if (strcmp(habit, "no-data") == 0) {
                shim->child_loaded->LoadOptions = NULL;
                shim->child_loaded->LoadOptionsSize = 0;
        }
        if (strcmp(habit, "current-unknown") == 0)
                return runtime->SetVariable(L"BootCurrent", &global_guid,
                                            EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS,
                                            sizeof(unknown), &unknown);
        if (strcmp(habit, "keeps-next") == 0 && current >= SUITE_FIRST && current != NO_OPTION)
                return runtime->SetVariable(L"BootNext", &global_guid, stored, sizeof(current), &current);
        return EFI_SUCCESS;
}

EFI_STATUS boot_defect(struct shim *shim, struct words *words)
{
        static const char *const habits[] = {"ignores-order",     "ignores-next",    "shell-without-order",
                                             "shell-for-missing", "shell-after-one", "keeps-next",
                                             "current-unknown",   "no-data"};

        habit = word_among(words, habits, sizeof(habits) / sizeof(habits[0]));
        if (!habit)
                return EFI_INVALID_PARAMETER;
        runtime = shim->rt;
        first_size = order_get(first_order);
        reset_system = runtime->ResetSystem;
        runtime->ResetSystem = reset_in_disorder;
        table_sign(&runtime->Hdr);
        return start_in_disorder(shim);
}
