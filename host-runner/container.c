/* SPDX-License-Identifier: BSD-2-Clause */
/* A container is presented only where it needs no other file: what it names may be anything of its reader's. */
#include "container.h"

#include <endian.h>
#include <string.h>

enum { VMDK_DESCRIPTOR = 20 * 512 };

static const struct container containers[] = {
        {"a qcow2 or qcow image", 0, "QFI\xfb", 4, "qcow2"},
        {"a VMDK image", 0, "KDMV", 4, "vmdk"},
        {"a VMDK image", 0, "COWD", 4},
        {"a VMDK descriptor", 0, "# Disk DescriptorFile", 21},
        {"a VDI image", 64, "\x7f\x10\xda\xbe", 4, "vdi"},
        {"a VHDX image", 0, "vhdxfile", 8, "vhdx"},
        {"a VHD image", 0, "conectix", 8},
        {"a QED image", 0, "QED\0", 4},
        {"a gzip file", 0, "\x1f\x8b\x08", 3},
        {"an xz file", 0,
         "\xfd"
         "7zXZ\0",
         6},
        {"a Zstandard file", 0, "\x28\xb5\x2f\xfd", 4},
        {"a ZIP file", 0, "PK\x03\x04", 4},
};

const struct container *container_find(const struct image *file)
{
        static const struct container fixed_vhd = {.name = "a VHD image of fixed size"};
        char bytes[24];

        for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++)
                if (image_read(file, containers[i].offset, bytes, containers[i].size) &&
                    memcmp(bytes, containers[i].magic, containers[i].size) == 0)
                        return &containers[i];
        if (file->size >= 1024 && image_read(file, file->size - 512, bytes, 8) && memcmp(bytes, "conectix", 8) == 0)
                return &fixed_vhd;
        return NULL;
}

static bool qcow2_is_whole(const struct image *file, const char **ret_why)
{
        uint8_t head[80];
        uint32_t version;
        uint64_t backing, incompatible;

        if (!image_read(file, 0, head, sizeof(head))) {
                *ret_why = "its header is cut off";
                return false;
        }
        memcpy(&version, head + 4, 4);
        memcpy(&backing, head + 8, 8);
        memcpy(&incompatible, head + 72, 8);
        version = be32toh(version);
        if (version != 2 && version != 3)
                *ret_why = "its version is neither 2 nor 3";
        else if (backing != 0)
                *ret_why = "it needs a backing file";
        else if (version == 3 && be64toh(incompatible) & 4)
                *ret_why = "it needs an external data file";
        else
                return true;
        return false;
}

static bool vmdk_is_whole(const struct image *file, const char **ret_why)
{
        static const char parent[] = "parentFileNameHint";
        uint8_t head[64], descriptor[VMDK_DESCRIPTOR];
        uint64_t at, left;

        if (!image_read(file, 0, head, sizeof(head)) || image_le64(head + 12) == 0) {
                *ret_why = "its header holds no disk";
                return false;
        }
        at = image_le64(head + 28);
        if (at == 0)
                return true;
        left = at < file->size / 512 ? file->size - at * 512 : 0;
        if (left > sizeof(descriptor))
                left = sizeof(descriptor);
        if (left && image_read(file, at * 512, descriptor, (size_t)left) &&
            !memmem(descriptor, (size_t)left, parent, sizeof(parent) - 1))
                return true;
        *ret_why = "its descriptor cannot be read, or needs a parent file";
        return false;
}

bool container_is_whole(const struct image *file, const struct container *container, const char **ret_why)
{
        if (strcmp(container->format, "qcow2") == 0)
                return qcow2_is_whole(file, ret_why);
        if (strcmp(container->format, "vmdk") == 0)
                return vmdk_is_whole(file, ret_why);
        return true; /* QEMU presents no difference to a parent in the others */
}

uint64_t container_declares(const struct image *file, const struct container *container)
{
        uint8_t bytes[8];
        uint64_t number;

        if (strcmp(container->format, "qcow2") == 0 && image_read(file, 24, &number, 8))
                return be64toh(number);
        if (strcmp(container->format, "vmdk") == 0 && image_read(file, 12, bytes, 8))
                return image_le64(bytes) * 512;
        if (strcmp(container->format, "vdi") == 0 && image_read(file, 368, bytes, 8))
                return image_le64(bytes);
        return 0; /* VHDX has it in a table of its own */
}
