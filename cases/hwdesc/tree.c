/* SPDX-License-Identifier: BSD-2-Clause */
/* Every read ends inside the blob, whatever the blob says of itself. */
#include "tree.h"

#include <string.h>

#include <libfdt.h>

enum { PROPERTY_NAME_MAX = 1024 };

/* No run without an end is longer than a name can be: else every look at a property would cost the whole block. */
static bool strings_end(const uint8_t *fdt)
{
        const uint8_t *strings = fdt + fdt_off_dt_strings(fdt);
        size_t run = 0;

        for (uint32_t i = 0; i < fdt_size_dt_strings(fdt) && run < PROPERTY_NAME_MAX; i++)
                run = strings[i] ? run + 1 : 0;
        return run < PROPERTY_NAME_MAX;
}

bool tree_begin(struct tree *tree, struct bytes fdt)
{
        if (!fdt.data || fdt.size < sizeof(struct fdt_header) || fdt_check_header(fdt.data) ||
            fdt_totalsize(fdt.data) > fdt.size || fdt_version(fdt.data) < 17 || fdt_off_dt_struct(fdt.data) % 4 ||
            fdt_off_mem_rsvmap(fdt.data) % 8 || !strings_end(fdt.data))
                return false;
        *tree = (struct tree){.fdt = fdt.data, .at = -1, .depth = -1};
        return true;
}

bool tree_next(struct tree *tree)
{
        do {
                tree->at = fdt_next_node(tree->fdt, tree->at, &tree->depth);
                if (tree->at < 0 || tree->depth < 0)
                        return false;
        } while (tree->depth >= TREE_DEPTH);
        tree->path[tree->depth] = tree->at;
        return true;
}

int tree_node(const struct tree *tree)
{
        return tree->path[tree->depth];
}

int tree_parent(const struct tree *tree)
{
        return tree->depth > 0 ? tree->path[tree->depth - 1] : -1;
}

/* Past the token and the name of a node, to its first property or what else comes; 0 where that is not inside. */
static size_t node_enter(const uint8_t *structure, size_t size, int node)
{
        size_t at = node >= 0 ? (size_t)node : size;

        if (at % 4 || at > size || size - at < 8 || tree_number(structure + at, 1) != FDT_BEGIN_NODE)
                return 0;
        for (at += 4; at < size && structure[at];)
                at++;
        return at < size ? (at + 4) & ~(size_t)3 : 0;
}

/* As fdt_getprop(), which looks at every name twice: judges ask for very many properties. */
struct bytes tree_property(const void *fdt, int node, const char *name)
{
        const uint8_t *structure = (const uint8_t *)fdt + fdt_off_dt_struct(fdt);
        const char *strings = (const char *)fdt + fdt_off_dt_strings(fdt);
        size_t size = fdt_size_dt_struct(fdt), names = fdt_size_dt_strings(fdt), length = strlen(name) + 1;

        for (size_t at = node_enter(structure, size, node); at && at <= size && size - at >= 4;) {
                uint64_t token = tree_number(structure + at, 1), value, string;

                at += 4;
                if (token == FDT_NOP)
                        continue;
                if (token != FDT_PROP || size - at < 8)
                        break;
                value = tree_number(structure + at, 1);
                string = tree_number(structure + at + 4, 1);
                at += 8;
                if (value > size - at)
                        break;
                if (string < names && names - string >= length && memcmp(strings + string, name, length) == 0)
                        return (struct bytes){structure + at, (size_t)value};
                at += ((size_t)value + 3) & ~(size_t)3;
        }
        return (struct bytes){0};
}

uint64_t tree_number(const uint8_t *data, unsigned count)
{
        uint64_t number = 0;

        for (unsigned i = 0; i < 4 * count; i++)
                number = number << 8 | data[i];
        return number;
}

bool tree_cell(const void *fdt, int node, const char *name, unsigned index, uint32_t *ret)
{
        struct bytes cells = tree_property(fdt, node, name);

        if (cells.size / 4 <= index)
                return false;
        *ret = (uint32_t)tree_number(cells.data + 4 * (size_t)index, 1);
        return true;
}

bool tree_text_is(const void *fdt, int node, const char *name, const char *text)
{
        struct bytes property = tree_property(fdt, node, name);
        size_t length = strlen(text) + 1;

        return property.size == length && memcmp(property.data, text, length) == 0;
}

int tree_list_index(const void *fdt, int node, const char *name, const char *text)
{
        struct bytes list = tree_property(fdt, node, name);
        size_t length = strlen(text) + 1;
        int index = 0;

        for (size_t at = 0; at < list.size; index++) {
                size_t end = at;

                while (end < list.size && list.data[end])
                        end++;
                if (end == list.size)
                        return -1;
                if (end + 1 - at == length && memcmp(list.data + at, text, length) == 0)
                        return index;
                at = end + 1;
        }
        return -1;
}

bool tree_is(const void *fdt, int node, const char *compatible)
{
        return tree_list_index(fdt, node, "compatible", compatible) >= 0;
}

bool tree_enabled(const void *fdt, int node)
{
        return !tree_property(fdt, node, "status").data || tree_text_is(fdt, node, "status", "okay") ||
               tree_text_is(fdt, node, "status", "ok");
}

bool tree_cells(const void *fdt, int node, unsigned *ret_address, unsigned *ret_size)
{
        uint32_t address = 2, size = 1; /* the Devicetree Specification's defaults */

        (void)tree_cell(fdt, node, "#address-cells", 0, &address);
        (void)tree_cell(fdt, node, "#size-cells", 0, &size);
        if (address < 1 || address > 2 || size > 2)
                return false;
        *ret_address = address;
        *ret_size = size;
        return true;
}

bool tree_reg(const struct tree *tree, unsigned index, uint64_t *ret_base, uint64_t *ret_size)
{
        struct bytes reg = tree_property(tree->fdt, tree_node(tree), "reg");
        unsigned address, size;

        if (!reg.data || tree->depth == 0 || !tree_cells(tree->fdt, tree_parent(tree), &address, &size) ||
            reg.size / (4 * (address + size)) <= index)
                return false;
        reg.data += 4 * (size_t)index * (address + size);
        *ret_base = tree_number(reg.data, address);
        *ret_size = tree_number(reg.data + 4 * address, size);
        return true;
}

uint32_t tree_interrupt_parent(const struct tree *tree)
{
        uint32_t parent = 0;

        for (int depth = tree->depth; depth >= 0; depth--)
                if (tree_cell(tree->fdt, tree->path[depth], "interrupt-parent", 0, &parent))
                        return parent;
        return 0;
}

uint32_t tree_phandle(const void *fdt, int node)
{
        uint32_t phandle = 0;

        if (!tree_cell(fdt, node, "phandle", 0, &phandle))
                (void)tree_cell(fdt, node, "linux,phandle", 0, &phandle);
        return phandle;
}

bool tree_takes_interrupts(const void *fdt, uint32_t phandle)
{
        int node = phandle && phandle != UINT32_MAX ? fdt_node_offset_by_phandle(fdt, phandle) : -1;

        return node >= 0 && (tree_property(fdt, node, "interrupt-controller").data ||
                             tree_property(fdt, node, "interrupt-map").data);
}

/* The alias of that name, only where it ends and is a path: libfdt would follow one that is neither. */
static struct bytes alias_find(const void *fdt, struct bytes name)
{
        char text[32];
        struct bytes path;

        if (name.size >= sizeof(text))
                return (struct bytes){0};
        memcpy(text, name.data, name.size);
        text[name.size] = 0;
        path = tree_property(fdt, fdt_path_offset(fdt, "/aliases"), text);
        if (path.size < 2 || path.data[0] != '/' || path.data[path.size - 1])
                return (struct bytes){0};
        return path;
}

static struct bytes path_cut(struct bytes path)
{
        size_t length = 0;

        while (length < path.size && path.data[length] && path.data[length] != ':')
                length++;
        return (struct bytes){path.data, length};
}

int tree_resolve(const void *fdt, struct bytes path)
{
        path = path_cut(path);
        if (path.size && path.data[0] != '/')
                path = path_cut(alias_find(fdt, path));
        if (path.size == 0 || path.size > 1024)
                return -FDT_ERR_BADPATH;
        return fdt_path_offset_namelen(fdt, (const char *)path.data, (int)path.size);
}
