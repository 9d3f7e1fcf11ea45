/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the variables of NVF are kept, as the bytes say: in the VMM's store, in a file \NvVars or ubootefi.var of the
 * ESP. Nothing is taken for granted of either: they are what a guest and its firmware made of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blob.h"
#include "crc32.h"
#include "fat_dir.h"
#include "firmware_file.h"
#include "image_file.h"
#include "lane_private.h"

enum { STORE_MOST = 4 * 1024 * 1024, FILE_MOST = 1024 * 1024, FOUND_TEXT = 72 };

/* The suite's variables whose names begin so are looked for; what follows is told. */
static const char prefix[] = "VmspecNvf";

struct search {
        uint64_t nonce;
        char found[FOUND_TEXT]; /* "Kind:0x7,Stored:wrong" */
};

static void found_add(struct search *search, const char *name, const char *value)
{
        size_t length = strlen(search->found);

        snprintf(search->found + length, sizeof(search->found) - length, "%s%s:%s", length ? "," : "", name, value);
}

static void variable_look(void *context, const struct blob_variable *variable)
{
        struct search *search = context;
        char attributes[12];

        if (!blob_variable_is_live(variable) || memcmp(variable->guid, wire_variable_guid, 16) != 0 ||
            strncmp(variable->name, prefix, sizeof(prefix) - 1) != 0)
                return;
        snprintf(attributes, sizeof(attributes), "0x%x", variable->attributes);
        found_add(search, variable->name + sizeof(prefix) - 1,
                  variable->data.size == 8 && wire_get64(variable->data.data) == search->nonce ? attributes : "wrong");
}

/* The VMM's store: "none", "blank", "whole" or "broken", and what is wrong with it. */
static const char *store_look(const struct lane *lane, struct search *search, struct blob_fault *fault)
{
        struct blob_volumes volumes;
        const struct blob_volume *nv;
        struct blob_store store;
        struct stat st;
        struct bytes bytes;
        const char *what = "blank";

        if (lane->store[0] < 0 || fstat(lane->store[0], &st) || st.st_size <= 0)
                return "none";
        bytes.size = st.st_size < STORE_MOST ? (size_t)st.st_size : STORE_MOST;
        bytes.data = mmap(NULL, bytes.size, PROT_READ, MAP_SHARED, lane->store[0], 0);
        if (bytes.data == MAP_FAILED)
                return "none";
        if (!blob_volumes_read(bytes, &volumes, fault))
                what = "broken";
        else if ((nv = blob_volumes_nv(&volumes)))
                what = blob_store_read(bytes, nv, &store, variable_look, search, fault) ? "whole" : "broken";
        (void)munmap((void *)(uintptr_t)bytes.data, bytes.size);
        return what;
}

bool lane_esp_open(const struct lane *lane, struct image_file *disk, struct fat *fat)
{
        const char *why;
        char error[200];

        return image_file_wrap(disk, lane->disk.fd, "disk", IMAGE_BLOCK_SIZE, error, sizeof(error)) == 0 &&
               fat_open(&disk->image, lane->disk.esp_start * 512, lane->disk.esp_size * 512, fat, &why);
}

uint8_t *lane_esp_file(struct fat *fat, const char *name, size_t *ret_size)
{
        struct fat_entry entry;
        struct fat_file file;
        const char *why;
        uint8_t *bytes;

        *ret_size = 0;
        if (fat_find(fat, name, &entry, &why) != FAT_FOUND || entry.size > FILE_MOST)
                return NULL;
        bytes = calloc(1, entry.size + 1);
        file = fat_file(fat, entry.first, entry.size);
        if (bytes && fat_file_read(&file, 0, bytes, entry.size))
                *ret_size = entry.size;
        return bytes;
}

size_t lane_name_wide(const char *name, uint8_t to[LANE_NAME_WIDE])
{
        size_t length = strlen(name) + 1;

        for (size_t i = 0; i < length && 2 * i < LANE_NAME_WIDE; i++)
                wire_put16(to + 2 * i, (uint8_t)name[i]);
        return 2 * length < LANE_NAME_WIDE ? 2 * length : LANE_NAME_WIDE;
}

/* U-Boot's file keeps the names as they are; its format is not judged here. */
static void names_look(const uint8_t *bytes, size_t size, struct search *search)
{
        static const char *const names[] = {"Kind", "Stored", "Synced", "Late"};
        char whole[32];
        uint8_t wide[LANE_NAME_WIDE];

        for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
                snprintf(whole, sizeof(whole), "%s%s", prefix, names[n]);
                if (memmem(bytes, size, wide, lane_name_wide(whole, wide)))
                        found_add(search, names[n], "named");
        }
}

struct kept {
        const char *store, *nvvars, *uboot;
        struct search in_store, in_nvvars, in_uboot;
        struct blob_fault fault; /* of what is broken */
};

static void esp_look(struct fat *fat, struct kept *kept)
{
        static const uint8_t magic[7] = {0x55, 0x62, 0x45, 0x66, 0x69, 0x56, 0x61}; /* EBBR chapter 5 */
        size_t size;
        unsigned count;
        uint8_t *bytes = lane_esp_file(fat, "NvVars", &size);

        if (bytes)
                kept->nvvars = blob_nvvars_read((struct bytes){bytes, size}, &count, variable_look, &kept->in_nvvars,
                                                &kept->fault)
                                       ? "whole"
                                       : "broken";
        free(bytes);
        bytes = lane_esp_file(fat, "ubootefi.var", &size);
        if (bytes && size > 8 + sizeof(magic) && memcmp(bytes + 8, magic, sizeof(magic)) == 0) {
                kept->uboot = "there";
                names_look(bytes, size, &kept->in_uboot);
        }
        free(bytes);
}

static void disk_crc_add(void *context, uint64_t offset, const uint8_t *bytes, size_t size)
{
        uint32_t *crc = context;

        *crc = crc32_update(*crc, &offset, sizeof(offset));
        *crc = crc32_update(*crc, bytes, size);
}

void lane_look_at_stores(struct lane *lane, char *to, size_t size)
{
        static struct fat fat;
        struct kept kept = {.nvvars = "none", .uboot = "none"};
        struct image_file disk;
        uint32_t crc = 0;

        kept.in_store.nonce = kept.in_nvvars.nonce = kept.in_uboot.nonce = lane->config.plan->plan.nonce;
        kept.store = store_look(lane, &kept.in_store, &kept.fault);
        if (!lane_esp_open(lane, &disk, &fat))
                kept.nvvars = kept.uboot = "unknown";
        else
                esp_look(&fat, &kept);
        (void)suite_disk_compare(&lane->disk, lane->config.suite_disk, disk_crc_add, &crc);
        snprintf(to, size, "disk=0x%08x store=%s(%s) nvvars=%s(%s) uboot=%s(%s)%s", crc, kept.store,
                 kept.in_store.found, kept.nvvars, kept.in_nvvars.found, kept.uboot, kept.in_uboot.found,
                 kept.fault.expected[0] ? " fault" : "");
        if (kept.fault.expected[0])
                lane_event(lane, "store-fault", "at byte 0x%llx: found %s, expected %s",
                           (unsigned long long)kept.fault.at, kept.fault.found, kept.fault.expected);
}

/* Which files the flash chips of this start are, by their inodes: who has the same has the same variables. */
void lane_tell_flash(struct lane *lane, int store, const char *code_path)
{
        struct stat vars = {0}, code = {0}, disk = {0};
        bool chip = false, read_only = false;

        for (char *const *word = lane->config.hypervisor->command_line(lane->vm); *word; word++)
                if (strstr(*word, "if=pflash,unit=0")) {
                        chip = true;
                        read_only = strstr(*word, ",readonly=on") != NULL;
                }
        if (!chip || store < 0 || fstat(store, &vars) || stat(code_path, &code) || fstat(lane->disk.fd, &disk))
                lane_event(lane, "flash", "none");
        else
                lane_event(lane, "flash", "code=%s store=%llu:%llu disk=%llu:%llu code-file=%llu:%llu",
                           read_only ? "read-only" : "writable", (unsigned long long)vars.st_dev,
                           (unsigned long long)vars.st_ino, (unsigned long long)disk.st_dev,
                           (unsigned long long)disk.st_ino, (unsigned long long)code.st_dev,
                           (unsigned long long)code.st_ino);
}

static void variable_pass(void *context, const struct blob_variable *variable)
{
        (void)context;
        (void)variable;
}

void lane_tell_blob(struct lane *lane)
{
        struct bytes bytes;
        char error[200];

        if (firmware_file_map(lane->config.machine->code, &bytes, error, sizeof(error))) {
                lane_event(lane, "pvh-unknown", "%s", error);
                return;
        }
        lane_event(lane, "pvh-blob", "size=0x%llx crc=0x%08x", (unsigned long long)bytes.size,
                   crc32_update(0, bytes.data, bytes.size));
        firmware_file_unmap(&bytes);
}

void lane_tell_pvh(struct lane *lane)
{
        const struct machine *machine = lane->config.machine;
        bool own = strcmp(machine->pvh_firmware, "probe") == 0;
        struct firmware_about about;
        struct blob_fault fault;
        struct bytes bytes;
        char error[200];

        lane_event(lane, "pvh-machine", "processors=0x%x memory=0x%llx", machine->processors,
                   (unsigned long long)machine->memory << 20);
        if (firmware_file_map(own ? lane->config.pvh_probe : machine->pvh_firmware, &bytes, error, sizeof(error))) {
                lane_event(lane, "pvh-unknown", "%s", error);
                return;
        }
        if (firmware_about_read(bytes, &about, variable_pass, NULL, &fault) &&
            firmware_is_for_pvh(bytes, &about, &fault))
                lane_event(lane, "pvh-firmware", "whole size=0x%llx", (unsigned long long)bytes.size);
        else
                lane_event(lane, "pvh-firmware", "at byte 0x%llx: found %s, expected %s", (unsigned long long)fault.at,
                           fault.found, fault.expected);
        firmware_file_unmap(&bytes);
}
