/* SPDX-License-Identifier: BSD-2-Clause */
/* Source 003: Exit() may be needed. It leads back to whoever started the application, or says that it does not. */
#include "firmware/loader.h"

enum { EXIT_STATUS = 0x5b };

/*
 * SystemTable->BootServices->Exit(ImageHandle, EXIT_STATUS, 0, NULL), and what that returns where it does:
 * sub rsp, 40; mov rax, [rdx + 0x60]; mov edx, 0x5b; xor r8d, r8d; xor r9d, r9d; call [rax + 0xd8]; add rsp, 40; ret
 */
static const uint8_t exiting[] = {
        0x48, 0x83, 0xec, 0x28, 0x48, 0x8b, 0x42, 0x60, 0xba, EXIT_STATUS, 0x00, 0x00, 0x00, 0x45, 0x31,
        0xc0, 0x45, 0x31, 0xc9, 0xff, 0x90, 0xd8, 0x00, 0x00, 0x00,        0x48, 0x83, 0xc4, 0x28, 0xc3,
};
_Static_assert(offsetof(EFI_SYSTEM_TABLE, BootServices) == 0x60 || sizeof(void *) == 4, "as the code has it");
_Static_assert(offsetof(EFI_BOOT_SERVICES, Exit) == 0xd8 || sizeof(void *) == 4, "as the code has it");

/* Where no application can be started, Exit is asked to end one that there is not. */
static void exit_alone_judge(struct guest *g)
{
        EFI_STATUS status = g->bs->Exit(NULL, EFI_SUCCESS, 0, NULL);

        CHECK_SAY(g, status == EFI_INVALID_PARAMETER || status == EFI_UNSUPPORTED, "INVALID_PARAMETER or UNSUPPORTED",
                  "Exit of no application: %s", status_name(status).text);
}

void guest_exit_leads_back(struct guest *g)
{
        uint8_t *file = guest_pages(g, 1);
        EFI_HANDLE image = NULL;
        EFI_STATUS status;

        if (!CHECK_SAY(g, g->bs->Exit != NULL, "a function", "NULL") || !CHECK(g, file != NULL))
                return;
        exit_alone_judge(g);
        loader_file_put(file, 0, exiting, sizeof(exiting));
        status = loader_load(g, file, LOADER_FILE, &image);
        NOTE(g, "LoadImage", "%s", status_name(status).text);
        if (status == EFI_UNSUPPORTED)
                return;
        if (!CHECK_STATUS(g, status, EFI_SUCCESS) || !CHECK(g, image != NULL))
                return;
        status = g->bs->StartImage(image, NULL, NULL);
        CHECK_SAY(g, status == EXIT_STATUS || status == EFI_UNSUPPORTED, "the status given to Exit, or UNSUPPORTED",
                  "StartImage: %s", status_name(status).text);
}
