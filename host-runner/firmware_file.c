/* SPDX-License-Identifier: BSD-2-Clause */
/* A file is taken for what its bytes say, whatever its name; what is not whole is refused by one sentence. */
#include "firmware_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

enum { EM_386 = 3, EXIT_BROKEN = 1, EXIT_UNREADABLE = 3 };
static const off_t file_most = 256 << 20;
static const uint64_t pvh_address = 0x100000, pvh_entry_from_end = 0x30;

int firmware_file_map(const char *path, struct bytes *ret, char *error, size_t error_size)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), status = 0;
        struct stat st = {0};
        void *at = MAP_FAILED;

        if (fd < 0 || fstat(fd, &st) < 0)
                status = -errno;
        else if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > file_most)
                status = -EINVAL;
        else if ((at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
                status = -errno;
        if (fd >= 0)
                close(fd);
        if (status)
                text_format(error, error_size, "%s: found %s, expected a file of 1 byte to 256 MiB", path,
                            status != -EINVAL          ? strerror(-status)
                            : S_ISREG(st.st_mode) == 0 ? "no regular file"
                            : st.st_size == 0          ? "no bytes at all"
                                                       : "a larger one");
        else
                *ret = (struct bytes){at, (size_t)st.st_size};
        return status;
}

void firmware_file_unmap(struct bytes *bytes)
{
        if (bytes->data)
                (void)munmap((void *)(uintptr_t)bytes->data, bytes->size);
        *bytes = (struct bytes){NULL, 0};
}

bool firmware_about_read(struct bytes bytes, struct firmware_about *ret, blob_variable_function *tell, void *context,
                         struct blob_fault *fault)
{
        *ret = (struct firmware_about){.elf = blob_is_elf(bytes)};
        if ((ret->elf && !blob_pvh_read(bytes, &ret->pvh, fault)) || !blob_volumes_read(bytes, &ret->volumes, fault))
                return false;
        ret->nv = blob_volumes_nv(&ret->volumes);
        if (ret->nv)
                return blob_store_read(bytes, ret->nv, &ret->store, tell, context, fault);
        if (ret->elf || ret->volumes.count)
                return true;
        ret->nvvars = blob_nvvars_read(bytes, &ret->variables, tell, context, fault);
        if (!ret->nvvars && !ret->variables) /* not even one: it is not that */
                (void)blob_fault(fault, 0,
                                 "an ELF header, a firmware volume at a multiple of 4 KiB, or a variable of \\NvVars",
                                 "none of them");
        return ret->nvvars;
}

bool firmware_is_for_pvh(struct bytes bytes, const struct firmware_about *about, struct blob_fault *fault)
{
        const struct blob_segment *segment = &about->pvh.segment[0];

        if (!about->elf)
                return blob_fault(fault, 0, "7f 45 4c 46: an ELF header", "%02x %02x %02x %02x", bytes.data[0],
                                  bytes.size > 1 ? bytes.data[1] : 0, bytes.size > 2 ? bytes.data[2] : 0,
                                  bytes.size > 3 ? bytes.data[3] : 0);
        if (about->pvh.machine != EM_386)
                return blob_fault(fault, 18, "EM_386, 3", "%u", about->pvh.machine);
        if (!about->pvh.noted)
                return blob_fault(fault, 0, "a note \"Xen\" of type 18, XEN_ELFNOTE_PHYS32_ENTRY", "none");
        if (about->pvh.segments != 1 || segment->offset || segment->address != pvh_address ||
            segment->in_file != bytes.size)
                return blob_fault(fault, 0, "one segment: the whole blob, from its first byte, at 0x100000",
                                  "%u, the first of 0x%llx bytes from byte 0x%llx at 0x%llx", about->pvh.segments,
                                  (unsigned long long)segment->in_file, (unsigned long long)segment->offset,
                                  (unsigned long long)segment->address);
        if (about->pvh.entry != pvh_address + bytes.size - pvh_entry_from_end)
                return blob_fault(fault, 0, "an entry 0x30 bytes before the blob's end", "0x%llx",
                                  (unsigned long long)about->pvh.entry);
        return true;
}

/* Printing --------------------------------------------------------------------------------------------------------- */

struct listing {
        FILE *to;
        json_t *variables; /* NULL: text */
};

static void variable_print(void *context, const struct blob_variable *variable)
{
        const struct listing *listing = context;
        const char *state = blob_variable_is_live(variable) ? "live" : "deleted";

        if (listing->variables)
                (void)json_array_append_new(listing->variables,
                                            json_pack("{s:I, s:s, s:s, s:s, s:i, s:I}", "at", (json_int_t)variable->at,
                                                      "guid", text_guid(variable->guid).text, "name", variable->name,
                                                      "state", state, "attributes", (int)variable->attributes, "size",
                                                      (json_int_t)variable->data.size));
        else if (listing->to)
                fprintf(listing->to, "  0x%08llx  variable  %s:%s  attributes 0x%x, %zu bytes%s\n",
                        (unsigned long long)variable->at, text_guid(variable->guid).text, variable->name,
                        variable->attributes, variable->data.size, blob_variable_is_live(variable) ? "" : ", deleted");
}

static void about_print(const struct firmware_about *about, FILE *to)
{
        if (about->elf)
                fprintf(to, "  ELF of %s for machine %u, %s", about->pvh.wide ? "64 bits" : "32 bits",
                        about->pvh.machine, about->pvh.noted ? "PVH entry " : "no PVH entry\n");
        if (about->pvh.noted)
                fprintf(to, "0x%llx\n", (unsigned long long)about->pvh.entry);
        for (unsigned i = 0; i < about->pvh.segments; i++)
                fprintf(to, "  0x%08llx  segment   0x%llx bytes for 0x%llx, 0x%llx in memory\n",
                        (unsigned long long)about->pvh.segment[i].offset,
                        (unsigned long long)about->pvh.segment[i].in_file,
                        (unsigned long long)about->pvh.segment[i].address,
                        (unsigned long long)about->pvh.segment[i].in_memory);
        for (unsigned i = 0; i < about->volumes.count; i++)
                fprintf(to, "  0x%08llx  volume    %s  0x%llx bytes%s\n",
                        (unsigned long long)about->volumes.volume[i].at, text_guid(about->volumes.volume[i].guid).text,
                        (unsigned long long)about->volumes.volume[i].size,
                        about->volumes.volume[i].variables ? ", of variables" : "");
        if (about->nv)
                fprintf(to, "  0x%08llx  store     %s, 0x%x bytes, 0x%llx used, %u variables, %u live\n",
                        (unsigned long long)about->store.at, about->store.authenticated ? "authenticated" : "plain",
                        about->store.size, (unsigned long long)about->store.used, about->store.variables,
                        about->store.live);
        if (about->nvvars)
                fprintf(to, "  \\NvVars of %u variables\n", about->variables);
}

static json_t *about_json(const struct firmware_about *about, json_t *variables)
{
        json_t *volumes = json_array(), *segments = json_array(), *file;

        for (unsigned i = 0; i < about->volumes.count; i++)
                (void)json_array_append_new(volumes, json_pack("{s:I, s:I, s:s, s:b}", "at",
                                                               (json_int_t)about->volumes.volume[i].at, "size",
                                                               (json_int_t)about->volumes.volume[i].size, "guid",
                                                               text_guid(about->volumes.volume[i].guid).text,
                                                               "variables", about->volumes.volume[i].variables));
        for (unsigned i = 0; i < about->pvh.segments; i++)
                (void)json_array_append_new(segments, json_pack("{s:I, s:I, s:I, s:I}", "at",
                                                                (json_int_t)about->pvh.segment[i].offset, "address",
                                                                (json_int_t)about->pvh.segment[i].address, "in_file",
                                                                (json_int_t)about->pvh.segment[i].in_file, "in_memory",
                                                                (json_int_t)about->pvh.segment[i].in_memory));
        file = json_pack("{s:b, s:b, s:b, s:o, s:o, s:O}", "elf", about->elf, "pvh", about->pvh.noted, "nvvars",
                         about->nvvars, "segments", segments, "volumes", volumes, "variables", variables);
        if (about->pvh.noted)
                (void)json_object_set_new(file, "entry", json_integer((json_int_t)about->pvh.entry));
        if (about->nv)
                (void)json_object_set_new(file, "store",
                                          json_pack("{s:I, s:I, s:I, s:b}", "at", (json_int_t)about->store.at, "size",
                                                    (json_int_t)about->store.size, "used",
                                                    (json_int_t)about->store.used, "authenticated",
                                                    about->store.authenticated));
        return file;
}

/* One file; in JSON it is added to the list of all. */
static int file_print(const char *path, bool pvh, json_t *all, FILE *to)
{
        struct listing listing = {all ? NULL : to, all ? json_array() : NULL};
        struct firmware_about about;
        struct blob_fault fault;
        struct bytes bytes;
        char error[400];
        bool whole;

        if (firmware_file_map(path, &bytes, error, sizeof(error))) {
                fprintf(stderr, "vmspec: %s\n", error);
                json_decref(listing.variables);
                return EXIT_UNREADABLE;
        }
        if (!all)
                fprintf(to, "%s: %zu bytes\n", path, bytes.size);
        whole = firmware_about_read(bytes, &about, variable_print, &listing, &fault) &&
                (!pvh || firmware_is_for_pvh(bytes, &about, &fault));
        if (!whole)
                fprintf(stderr, "vmspec: %s: at byte 0x%llx: found %s, expected %s\n", path,
                        (unsigned long long)fault.at, fault.found, fault.expected);
        if (all) {
                json_t *file = about_json(&about, listing.variables);

                (void)json_object_set_new(file, "file", json_string(path));
                (void)json_object_set_new(file, "whole", json_boolean(whole));
                (void)json_array_append_new(all, file);
        } else if (whole) {
                about_print(&about, to);
        }
        json_decref(listing.variables);
        firmware_file_unmap(&bytes);
        return whole ? 0 : EXIT_BROKEN;
}

int firmware_files_print(char *const paths[], size_t count, bool pvh, bool json, FILE *to)
{
        json_t *all = json ? json_array() : NULL;
        int status = 0;

        for (size_t i = 0; i < count; i++) {
                int result = file_print(paths[i], pvh, all, to);

                status = result > status ? result : status;
        }
        if (json && (json_dumpf(all, to, JSON_INDENT(2)) || fputc('\n', to) == EOF))
                status = EXIT_UNREADABLE;
        json_decref(all);
        return fflush(to) ? EXIT_UNREADABLE : status;
}
