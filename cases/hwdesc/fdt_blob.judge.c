/* SPDX-License-Identifier: BSD-2-Clause */
/* The blob itself, by the Devicetree Specification's chapter 5 and without libfdt, which forgives some of it. */
#include "judge.h"

#include "hwdesc.h"

enum {
        HEADER = 40,
        BEGIN_NODE = 1,
        END_NODE = 2,
        PROPERTY = 3,
        NOP = 4,
        END = 9,
        TOTAL_MAX = 2 * 1024 * 1024,
};

static const uint32_t magic = 0xd00dfeed;

struct blob {
        struct bytes bytes;
        size_t structure; /* where the block begins and ends */
        size_t structure_end;
        size_t strings;
        size_t strings_end;
        const char *wrong; /* what the structure block broke, NULL: nothing */
        size_t wrong_at;
};

static uint32_t be32(struct bytes bytes, size_t at)
{
        const uint8_t *b = bytes.data + at;

        return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool wrong(struct blob *blob, size_t at, const char *what)
{
        blob->wrong = what;
        blob->wrong_at = at;
        return false;
}

/* On behind the name of a node; the root's is empty. */
static bool node_walk(struct blob *blob, size_t *at, unsigned depth)
{
        size_t end = *at;

        while (end < blob->structure_end && blob->bytes.data[end])
                end++;
        if (end >= blob->structure_end)
                return wrong(blob, *at, "a node's name does not end");
        if ((depth == 0) != (end == *at))
                return wrong(blob, *at, depth ? "a node below the root has no name" : "the root node has a name");
        *at = (end + 4) & ~(size_t)3;
        return true;
}

static bool property_walk(struct blob *blob, size_t *at)
{
        size_t length, name;

        if (blob->structure_end - *at < 8)
                return wrong(blob, *at, "a property has no header");
        length = be32(blob->bytes, *at);
        name = be32(blob->bytes, *at + 4);
        if (length > blob->structure_end - *at - 8)
                return wrong(blob, *at, "a property's value leaves the structure block");
        if (name >= blob->strings_end - blob->strings)
                return wrong(blob, *at, "a property's name leaves the strings block");
        *at += (8 + length + 3) & ~(size_t)3;
        return true;
}

/* From the first token to FDT_END: one root, nodes closed, properties before the nodes below. */
static bool structure_walk(struct blob *blob)
{
        size_t at = blob->structure;
        unsigned depth = 0, roots = 0;
        bool children = false;

        while (at <= blob->structure_end && blob->structure_end - at >= 4) {
                uint32_t token = be32(blob->bytes, at);

                at += 4;
                if (token == NOP)
                        continue;
                if (token == END)
                        return depth == 0 && roots == 1 ? true
                                                        : wrong(blob, at - 4, "FDT_END before the root is closed");
                if (depth == 0 && (token != BEGIN_NODE || roots))
                        return wrong(blob, at - 4, "a token outside the root node");
                if (token == BEGIN_NODE) {
                        if (!node_walk(blob, &at, depth))
                                return false;
                        roots += depth++ == 0;
                        children = false;
                } else if (token == END_NODE) {
                        depth--;
                        children = true;
                } else if (token != PROPERTY) {
                        return wrong(blob, at - 4, "an unknown token");
                } else if (children) {
                        return wrong(blob, at - 4, "a property behind a node of the same parent");
                } else if (!property_walk(blob, &at)) {
                        return false;
                }
        }
        return wrong(blob, at, "the structure block ends without FDT_END");
}

/* The memory reservation block ends with an entry of zeros before the blob does. */
static bool reservations_end(struct bytes fdt, size_t at, size_t total)
{
        for (; at <= total && total - at >= 16; at += 16)
                if (!be32(fdt, at) && !be32(fdt, at + 4) && !be32(fdt, at + 8) && !be32(fdt, at + 12))
                        return true;
        return false;
}

static bool inside(uint64_t offset, uint64_t size, uint64_t total)
{
        return offset >= HEADER && offset <= total && size <= total - offset;
}

static void blocks_judge(struct judge *j, struct bytes fdt, size_t total)
{
        uint32_t structure = be32(fdt, 8), strings = be32(fdt, 12), reservations = be32(fdt, 16);
        uint32_t strings_size = be32(fdt, 32), structure_size = be32(fdt, 36);
        struct blob blob = {fdt, structure, (size_t)structure + structure_size, strings,
                            (size_t)strings + strings_size};
        bool walk, nests;

        CHECK_EQ(j, structure % 4, 0);
        CHECK_EQ(j, reservations % 8, 0);
        CHECK_SAY(j, inside(reservations, 16, total) && reservations_end(fdt, reservations, total),
                  "a memory reservation block that ends inside totalsize", "offset 0x%x of 0x%x", reservations,
                  (unsigned)total);
        walk = CHECK_SAY(j, inside(structure, structure_size, total), "a structure block inside totalsize",
                         "0x%x bytes at 0x%x", structure_size, structure);
        if (!CHECK_SAY(j, inside(strings, strings_size, total), "a strings block inside totalsize",
                       "0x%x bytes at 0x%x", strings_size, strings) ||
            !walk)
                return;
        CHECK_SAY(j, strings_size == 0 || fdt.data[strings + strings_size - 1] == 0,
                  "a strings block that ends with a NUL", "0x%x",
                  strings_size ? fdt.data[strings + strings_size - 1] : 0);
        nests = structure_walk(&blob);
        CHECK_SAY(j, nests, "tokens that nest and lead to FDT_END", "%s at offset 0x%x",
                  blob.wrong ? blob.wrong : "they do", (unsigned)blob.wrong_at);
}

void judge_fdt_blob_is_sound(struct judge *j)
{
        struct bytes fdt = j->evidence->of[EVIDENCE_FDT];
        uint64_t address = 0;
        uint32_t total;

        if (!evidence_config_table(j->evidence, guid_fdt, &address) || !address) {
                NOT_APPLICABLE(j, "no configuration table has the DTB GUID");
                return;
        }
        CHECK_EQ(j, address % 8, 0);
        if (!CHECK_SAY(j, fdt.size >= HEADER && be32(fdt, 0) == magic, "the magic number 0xd00dfeed",
                       "0x%x in %u bytes", fdt.size >= HEADER ? be32(fdt, 0) : 0, (unsigned)fdt.size))
                return;
        total = be32(fdt, 4);
        CHECK_GE(j, be32(fdt, 20), 17);
        CHECK_LE(j, be32(fdt, 24), 17);
        CHECK_LE(j, total, TOTAL_MAX);
        if (CHECK_SAY(j, total >= HEADER && total <= fdt.size, "a totalsize of what is there", "0x%x of 0x%x bytes",
                      total, (unsigned)fdt.size))
                blocks_judge(j, fdt, total);
}
