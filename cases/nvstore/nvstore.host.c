/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the variables went, by the bytes that the runner saw when the lane had come to its end: host-runner/
 * lane_stores.c tells them as "disk=CRC store=KIND(FOUND) nvvars=KIND(FOUND) uboot=KIND(FOUND)".
 */
#include "host.h"

/* What the runner saw; NULL, with the error told, where it did not look. */
static const char *stores_seen(struct host *h)
{
        for (size_t i = h->history->events; i > 0; i--)
                if (strcmp(h->history->event[i - 1].name, "stores") == 0)
                        return h->history->event[i - 1].text;
        SUITE_ERROR(h, "the runner did not look at the store and the disk");
        return NULL;
}

/* True where "place=KIND" stands there, and, where name is given, the name among what was found in it. */
static bool seen_in(const char *seen, const char *place, const char *kind, const char *name)
{
        char words[40];
        const char *at, *end, *found;

        text_format(words, sizeof(words), " %s=%s(", place, kind);
        at = strstr(seen, words);
        end = at ? strchr(at, ')') : NULL;
        found = at && name ? strstr(at, name) : at;
        return end && found && found < end;
}

/* The status of the first part's write; false where the case ends here. */
static bool was_written(struct host *h)
{
        uint64_t status = 0;

        if (!host_noted(h, 1, "status", &status)) {
                SUITE_ERROR(h, "the guest did not tell whether the variable was written");
                return false;
        }
        if (status == 0)
                return true;
        NOT_APPLICABLE(h, "SetVariable said %s: no variable was written", status_name(status).text);
        return false;
}

/* What keeps variables: by the places where one is found, else by how long it lasts. */
enum keeper { KEEPER_FLASH, KEEPER_MEMORY, KEEPER_NVVARS, KEEPER_UBOOT };

static const char *const keeper_names[] = {
        [KEEPER_FLASH] = "the VMM's flash",
        [KEEPER_MEMORY] = "memory of the instance",
        [KEEPER_NVVARS] = "\\NvVars on the ESP",
        [KEEPER_UBOOT] = "ubootefi.var on the ESP",
};

static enum keeper keeper_of(const char *seen)
{
        return seen_in(seen, "nvvars", "whole", NULL) || seen_in(seen, "nvvars", "broken", NULL) ? KEEPER_NVVARS
               : seen_in(seen, "uboot", "there", NULL)                                           ? KEEPER_UBOOT
               : seen_in(seen, "store", "whole", NULL)                                           ? KEEPER_FLASH
                                                                                                 : KEEPER_MEMORY;
}

static const char *fate(uint64_t there)
{
        return there ? "there" : "gone";
}

/* As in 000: the file travels with the disk, the flash with the instance, and memory with neither. */
void host_store_of_variables_is_recognised(struct host *h)
{
        const char *seen = stores_seen(h);
        uint64_t other = 0, back = 0;
        enum keeper keeper;
        bool found, travels;

        if (!seen || !was_written(h))
                return;
        if (!host_noted(h, 2, "there", &other) || !host_noted(h, 3, "there", &back)) {
                SUITE_ERROR(h, "the guest did not tell whether the variable was there");
                return;
        }
        keeper = keeper_of(seen);
        found = seen_in(seen, "store", "whole", "Kind:0x7") || seen_in(seen, "nvvars", "whole", "Kind:0x7") ||
                seen_in(seen, "uboot", "there", "Kind:");
        travels = keeper == KEEPER_NVVARS || keeper == KEEPER_UBOOT;
        NOTE(h, "store", "%s", keeper_names[keeper]);
        CHECK_SAY(h, found == (keeper != KEEPER_MEMORY), "the variable is where variables are kept", "%s; it is %s",
                  keeper_names[keeper], found ? "kept there" : "nowhere");
        CHECK_SAY(h, other == travels, "there in another instance exactly where the disk keeps it", "%s; it is %s",
                  keeper_names[keeper], fate(other));
        CHECK_SAY(h, back == (keeper != KEEPER_MEMORY), "there after power-off unless memory alone keeps it",
                  "%s; it is %s", keeper_names[keeper], fate(back));
}

/* 000: what is written after ExitBootServices is kept in memory where a file keeps the rest. */
void host_late_variable_lasts_as_its_store_does(struct host *h)
{
        const char *seen = stores_seen(h);
        uint64_t there = 0;
        enum keeper keeper;

        if (!seen || !was_written(h))
                return;
        if (!host_noted(h, 2, "there", &there)) {
                SUITE_ERROR(h, "the guest did not tell whether the variable was there");
                return;
        }
        keeper = keeper_of(seen);
        NOTE(h, "late", "%s: %s after power-off", keeper_names[keeper], fate(there));
        CHECK_SAY(h, there == (keeper == KEEPER_FLASH),
                  "kept by flash, and lost where memory or a file keeps variables", "%s: it is %s",
                  keeper_names[keeper], fate(there));
}

static void nvvars_is_absent(struct host *h, const char *seen)
{
        CHECK_SAY(h, seen_in(seen, "nvvars", "none", NULL), "no file \\NvVars in the root of the ESP", "%s", seen);
}

void host_no_nvvars_on_the_disk(struct host *h)
{
        const char *seen = stores_seen(h);

        if (seen && was_written(h))
                nvvars_is_absent(h, seen);
}

void host_secure_boot_goes_without_nvvars(struct host *h)
{
        const char *seen = stores_seen(h);
        uint64_t secure = 0;

        if (!host_noted(h, 1, "secure", &secure))
                SUITE_ERROR(h, "the guest did not tell whether Secure Boot is on");
        else if (!secure)
                NOT_APPLICABLE(h, "the variable SecureBoot is not there, or is not 1");
        else if (seen && was_written(h))
                nvvars_is_absent(h, seen);
}

void host_store_holds_what_was_written(struct host *h)
{
        const char *seen = stores_seen(h);

        if (!seen || !was_written(h))
                return;
        if (seen_in(seen, "store", "none", NULL)) {
                NOT_APPLICABLE(h, "the VMM gives the machine no store: %s", seen);
                return;
        }
        if (seen_in(seen, "store", "blank", NULL) && seen_in(seen, "uboot", "there", NULL)) {
                NOT_APPLICABLE(h, "the firmware keeps its variables elsewhere: %s", seen);
                return;
        }
        CHECK_SAY(h, seen_in(seen, "store", "whole", NULL), "a firmware volume and variable store that are whole", "%s",
                  seen);
        CHECK_SAY(h, seen_in(seen, "store", "whole", "Stored:0x7"),
                  "VmspecNvfStored with its value and attributes 0x7 in the store", "%s", seen);
}

/* "store=1:2" of what the VMM was started with in a part; false where it has no flash of variables. */
static bool flash_of(struct host *h, unsigned part, const char *name, char to[48])
{
        const struct history_event *flash = host_event(h, h->boot_of_part[part], "flash", NULL);
        const char *at = flash ? strstr(flash->text, name) : NULL;

        if (!at)
                return false;
        at += strlen(name);
        text_copy(to, 48, at);
        to[strcspn(to, " ")] = 0;
        return true;
}

void host_store_is_of_the_instance(struct host *h)
{
        char code[48], first[48], other[48], back[48], disk[48], code_file[48];

        if (!flash_of(h, 1, "code=", code) || !flash_of(h, 1, " store=", first) || !flash_of(h, 1, " disk=", disk) ||
            !flash_of(h, 1, " code-file=", code_file) || !flash_of(h, 2, " store=", other) ||
            !flash_of(h, 3, " store=", back)) {
                NOT_APPLICABLE(h, "the VMM gives the machine no flash for its variables");
                return;
        }
        CHECK_TEXT(h, code, "read-only");
        CHECK_SAY(h, strcmp(first, other) != 0, "another instance has a store of its own", "%s and %s", first, other);
        CHECK_SAY(h, strcmp(first, back) == 0, "an instance that is started again has its store", "%s and %s", first,
                  back);
        CHECK_SAY(h, strcmp(first, disk) != 0 && strcmp(first, code_file) != 0,
                  "the store is neither in the image nor in the code's file", "store %s, image %s, code %s", first,
                  disk, code_file);
}
