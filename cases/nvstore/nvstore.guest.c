/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest writes, reads, and notes what came of it; where the bytes went the runner sees. Each variable holds the
 * nonce of the run, so that what another run left is not taken for its own.
 */
#include "guest.h"

static EFI_STATUS nonce_write(struct guest *g, CHAR16 *name)
{
        return var_write(g, name, VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce));
}

/* Where a text stands in another one; NULL: nowhere. */
static const char *text_in(const char *in, const char *what)
{
        size_t length = strlen(what);

        for (; *in; in++)
                if (strncmp(in, what, length) == 0)
                        return in;
        return NULL;
}

/* Part 1 writes and notes how that went; a later part notes whether the variable is there. */
static void write_and_look(struct guest *g, CHAR16 *name)
{
        uint64_t got = 0;

        if (g->part == 1)
                NOTE_NUMBER(g, "status", nonce_write(g, name));
        else
                NOTE_NUMBER(g, "there", var_read(g, name, &got, sizeof(got)) == EFI_SUCCESS && got == g->nonce);
}

void guest_store_of_variables_is_recognised(struct guest *g)
{
        write_and_look(g, L"VmspecNvfKind");
}

void guest_late_variable_lasts_as_its_store_does(struct guest *g)
{
        write_and_look(g, L"VmspecNvfLate");
}

void guest_no_nvvars_on_the_disk(struct guest *g)
{
        write_and_look(g, L"VmspecNvfDisk");
}

void guest_store_holds_what_was_written(struct guest *g)
{
        write_and_look(g, L"VmspecNvfStored");
}

void guest_store_is_of_the_instance(struct guest *g)
{
        NOTE(g, "part", "the instance was started");
}

void guest_secure_boot_goes_without_nvvars(struct guest *g)
{
        static EFI_GUID global = EFI_GLOBAL_VARIABLE;
        uint8_t on = 0;
        UINTN size = sizeof(on);
        EFI_STATUS status = g->rt->GetVariable(L"SecureBoot", &global, NULL, &size, &on);

        NOTE_NUMBER(g, "secure", status == EFI_SUCCESS && on == 1);
        if (g->part == 1)
                NOTE_NUMBER(g, "status", nonce_write(g, L"VmspecNvfSecure"));
}

void guest_nvvars_is_synced_at_once(struct guest *g)
{
        char answer[MAILBOX_TEXT];
        EFI_STATUS status = nonce_write(g, L"VmspecNvfSynced");

        if (status != EFI_SUCCESS) {
                NOT_APPLICABLE(g, "SetVariable said %s: no variable was written", status_name(status).text);
        } else if (!guest_ask(g, answer, "stores")) {
                SKIP(g, "nobody looks at the disk: %s", answer);
        } else if (text_in(answer, " nvvars=none")) {
                NOT_APPLICABLE(g, "there is no \\NvVars: %s", answer);
        } else {
                const char *file = text_in(answer, " nvvars="), *synced = file ? text_in(file, "Synced:0x7") : NULL;
                const char *end = file ? strchr(file, ')') : NULL;

                CHECK_SAY(g, synced && end && synced < end, "\\NvVars holds VmspecNvfSynced with attributes 0x7", "%s",
                          answer);
        }
}

/* The disk by its checksum, as the runner tells it: "disk=0x01234567 ...". */
static bool disk_ask(struct guest *g, char answer[MAILBOX_TEXT])
{
        char *space;

        if (!guest_ask(g, answer, "stores")) {
                SKIP(g, "nobody looks at the disk: %s", answer);
                return false;
        }
        space = strchr(answer, ' ');
        if (space)
                *space = 0;
        return true;
}

void guest_runtime_write_leaves_the_disk_alone(struct guest *g)
{
        char before[MAILBOX_TEXT], after[MAILBOX_TEXT];
        EFI_STATUS status;

        if (!disk_ask(g, before))
                return;
        status = nonce_write(g, L"VmspecNvfRuntime");
        NOTE(g, "status", "%s", status_name(status).text);
        if (disk_ask(g, after))
                CHECK_TEXT(g, after, before);
}
