/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree is edited on a copy in memory of the same type; the firmware's own is left as it was. */
#include "shim.h"

#include <string.h>

#include <libfdt.h>

enum { FDT_ROOM = 64 * 1024, SHIFT_MAX = 4096 };

static EFI_STATUS tree_list(struct shim *shim, void *fdt)
{
        return shim->bs->InstallConfigurationTable(&shim_fdt_guid, fdt);
}

/* The listed tree, copied to memory of a type with room to grow, and listed there. NULL where there is none. */
static void *tree_copy(struct shim *shim, const void *from, EFI_MEMORY_TYPE type, size_t shift)
{
        size_t size = from && fdt_check_header(from) == 0 ? fdt_totalsize(from) + FDT_ROOM : 0;
        uint8_t *to = size ? shim_pages(shim, type, size + SHIFT_MAX) : NULL;

        if (!to || fdt_open_into(from, to, (int)size))
                return NULL;
        if (shift)
                memmove(to + shift, to, size);
        return EFI_ERROR(tree_list(shim, to + shift)) ? NULL : to + shift;
}

static void *tree_own(struct shim *shim)
{
        static void *own;
        void *listed = config_find(shim, &shim_fdt_guid);

        if (!listed || listed == own)
                return listed;
        own = tree_copy(shim, listed, shim_memory_type(shim, listed), 0);
        return own;
}

static EFI_STATUS tree_install(struct shim *shim, struct words *words)
{
        uint64_t address = 0;

        if (!word_number(words, &address))
                return EFI_INVALID_PARAMETER;
        return tree_copy(shim, (const void *)(uintptr_t)address, EfiACPIReclaimMemory, 0) ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static EFI_STATUS tree_install_empty(struct shim *shim, struct words *words)
{
        void *fdt = shim_pages(shim, EfiACPIReclaimMemory, FDT_ROOM);

        (void)words;
        return !fdt || fdt_create_empty_tree(fdt, FDT_ROOM) ? EFI_OUT_OF_RESOURCES : tree_list(shim, fdt);
}

static EFI_STATUS tree_poke(struct shim *shim, struct words *words)
{
        uint8_t bytes[HEX_MAX], *fdt = tree_own(shim);
        uint64_t offset = 0;
        size_t size;

        if (!fdt || !word_number(words, &offset) || !(size = word_bytes(words, bytes)))
                return EFI_INVALID_PARAMETER;
        memcpy(fdt + offset, bytes, size);
        return EFI_SUCCESS;
}

static EFI_STATUS tree_late(struct shim *shim, struct words *words)
{
        uint8_t *fdt = config_find(shim, &shim_fdt_guid);
        uint64_t offset = 0;

        return fdt && word_number(words, &offset) ? late_change(shim, fdt + offset, NULL) : EFI_INVALID_PARAMETER;
}

static EFI_STATUS tree_move(struct shim *shim, struct words *words)
{
        EFI_MEMORY_TYPE type;

        if (!word_memory_type(words, &type))
                return EFI_INVALID_PARAMETER;
        return tree_copy(shim, config_find(shim, &shim_fdt_guid), type, 0) ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static EFI_STATUS tree_shift(struct shim *shim, struct words *words)
{
        void *fdt = config_find(shim, &shim_fdt_guid);
        uint64_t shift = 0;

        if (!fdt || !word_number(words, &shift) || shift > SHIFT_MAX)
                return EFI_INVALID_PARAMETER;
        return tree_copy(shim, fdt, shim_memory_type(shim, fdt), (size_t)shift) ? EFI_SUCCESS : EFI_NOT_FOUND;
}

/* The edits of one node: the verb, the node, what else it takes. */
static int node_edit(void *fdt, int node, const char *verb, struct words *words)
{
        static const char disabled[] = "disabled";
        struct word name;
        uint8_t bytes[HEX_MAX];
        size_t size;

        if (strcmp(verb, "delnode") == 0)
                return fdt_del_node(fdt, node);
        if (strcmp(verb, "disable") == 0)
                return fdt_setprop(fdt, node, "status", disabled, sizeof(disabled));
        name = word_next(words);
        if (strcmp(verb, "delprop") == 0)
                return fdt_delprop(fdt, node, name.text);
        if (strcmp(verb, "addnode") == 0)
                return fdt_add_subnode(fdt, node, name.text) < 0 ? -FDT_ERR_NOSPACE : 0;
        if (strcmp(verb, "setstr") == 0) {
                struct word text = word_next(words); /* once: fdt_setprop_string() is a macro that looks twice */

                return fdt_setprop(fdt, node, name.text, text.text, (int)strlen(text.text) + 1);
        }
        if (strcmp(verb, "setprop") != 0)
                return -FDT_ERR_BADVALUE;
        size = word_bytes(words, bytes);
        return fdt_setprop(fdt, node, name.text, bytes, (int)size);
}

EFI_STATUS fdt_defect(struct shim *shim, struct words *words)
{
        static const struct {
                const char *verb;
                EFI_STATUS (*seed)(struct shim *shim, struct words *words);
        } whole[] = {{"install", tree_install}, {"install-empty", tree_install_empty},
                     {"poke", tree_poke},       {"late", tree_late},
                     {"move", tree_move},       {"shift", tree_shift}};
        struct word verb = word_next(words);
        void *fdt;
        int node;

        for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
                if (strcmp(whole[i].verb, verb.text) == 0)
                        return whole[i].seed(shim, words);
        fdt = tree_own(shim);
        node = fdt ? fdt_path_offset(fdt, word_next(words).text) : -FDT_ERR_NOTFOUND;
        if (node < 0)
                return EFI_NOT_FOUND;
        return node_edit(fdt, node, verb.text, words) ? EFI_INVALID_PARAMETER : EFI_SUCCESS;
}
