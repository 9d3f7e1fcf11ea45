/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-15, IMG-16: a container presents the disk that it says it does; disks of one VM have no GUID in common. */
#include "judge.h"

#include "clones.h"
#include "gpt.h"

bool clone_read(const struct image *image, struct clone *ret, const char **ret_why)
{
        struct gpt_entry entry;
        struct gpt gpt;

        if (!gpt_open(image, &gpt, ret_why))
                return false;
        memcpy(ret->disk, gpt.header.disk_guid, sizeof(ret->disk));
        ret->partitions = 0;
        for (uint32_t i = 0; i < gpt.array.count && ret->partitions < CLONE_PARTITIONS; i++)
                if (gpt_entry_read(&gpt.array, i, &entry))
                        memcpy(ret->partition[ret->partitions++], entry.unique, sizeof(entry.unique));
        gpt_close(&gpt);
        return true;
}

static void partitions_judge(struct judge *j, const struct clone *own, const struct clone *other)
{
        unsigned shared = 0, first = 0;

        for (unsigned i = 0; i < own->partitions; i++)
                for (unsigned k = 0; k < other->partitions; k++)
                        if (memcmp(own->partition[i], other->partition[k], 16) == 0)
                                first = shared++ ? first : i;
        CHECK_SAY(j, shared == 0, "partition GUIDs of its own", "%u shared with %s, the first %s", shared, other->name,
                  shared ? text_guid(own->partition[first]).text : "none");
}

void judge_clones_have_own_guids(struct judge *j)
{
        static struct clone own;
        unsigned compared = 0;
        const char *why;

        if (!clone_read(j->image, &own, &why)) {
                SKIP(j, "no GUIDs can be read: %s", why);
                return;
        }
        if (!j->clones || j->clones->count < 2) {
                NOT_APPLICABLE(j, "1 image was given: there is no other disk to tell it from");
                return;
        }
        for (size_t i = 0; i < j->clones->count; i++) {
                const struct clone *other = &j->clones->clone[i];

                if (i == j->clones->own || !other->name)
                        continue;
                CHECK_SAY(j, memcmp(own.disk, other->disk, 16) != 0, "a disk GUID of its own", "%s has %s too",
                          other->name, text_guid(own.disk).text);
                partitions_judge(j, &own, other);
                compared++;
        }
        if (!compared)
                SKIP(j, "of %u images given, no other one has GUIDs that can be read", (unsigned)j->clones->count);
}

void judge_container_presents_its_disk(struct judge *j)
{
        const struct image *image = j->image;
        uint8_t byte;

        NOTE(j, "container", "%s", image->container ? image->container : "raw");
        if (image->declared)
                CHECK_SAY(j, image->size == image->declared, "as many bytes as the container's header declares",
                          "%llu bytes presented, %llu declared", (unsigned long long)image->size,
                          (unsigned long long)image->declared);
        CHECK_SAY(j, image_read(image, 0, &byte, 1) && image_read(image, image->size - 1, &byte, 1),
                  "a first and a last byte that can be read", "%llu bytes", (unsigned long long)image->size);
        CHECK_SAY(j, !image->nested, "a disk", "%s", image->nested ? image->nested : "no container's mark on it");
}
