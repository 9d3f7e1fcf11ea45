/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware shows the application the partition that it came from as what it is: the ESP of a GPT disk. */
#include "judge.h"

#include "map.h"

#include "hwdesc.h"

static const char *const esp_type = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

static bool disk_number(const struct judge *j, const char *name, uint64_t *ret)
{
        return evidence_number(j->evidence, EVIDENCE_DISK, name, ret);
}

static bool disk_recorded(struct judge *j)
{
        if (j->evidence->of[EVIDENCE_DISK].size)
                return true;
        SUITE_ERROR(j, "the firmware's view of the boot disk was not recorded");
        return false;
}

/* Every active GPT partition's handle carries its type's GUID, so that an OS loader finds the ESPs by it. */
void judge_esp_handle_carries_type_guid(struct judge *j)
{
        uint64_t carried = 0, other = 0;

        if (!disk_recorded(j))
                return;
        (void)disk_number(j, "esp_guid_on_handle", &carried);
        CHECK_SAY(j, carried, "the ESP type GUID as a protocol on the handle of the boot device", "%s",
                  carried ? "it is there" : "it is not");
        if (disk_number(j, "journal_guid_on_handle", &other))
                NOTE(j, "type GUID on the handle of another partition", "%s", other ? "yes" : "no");
}

/* A device path's partition, as the GPT on the same disk has it: the hard-drive node is how Boot#### finds it again. */
static void entry_judge(struct judge *j)
{
        static const char *const pairs[][2] = {
                {"partition_start", "entry_start"},
                {"partition_size", "entry_size"},
        };
        char signature[40] = "", entry[40] = "", type[40] = "";

        if (!evidence_text(j->evidence, EVIDENCE_DISK, "entry_type", type, sizeof(type))) {
                SKIP(j, "the disk's own GPT could not be read through the firmware");
                return;
        }
        CHECK_TEXT(j, type, esp_type);
        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
                uint64_t got = 0, want = 1;

                (void)disk_number(j, pairs[i][0], &got);
                (void)disk_number(j, pairs[i][1], &want);
                CHECK_SAY(j, got == want, "the hard-drive node says what the GPT entry says", "%s 0x%llx, %s 0x%llx",
                          pairs[i][0], (unsigned long long)got, pairs[i][1], (unsigned long long)want);
        }
        (void)evidence_text(j->evidence, EVIDENCE_DISK, "partition_signature", signature, sizeof(signature));
        (void)evidence_text(j->evidence, EVIDENCE_DISK, "entry_guid", entry, sizeof(entry));
        CHECK_TEXT(j, signature, entry);
}

/* What the runner knows of the disk that it attached. It counts in 512 bytes. */
static void told_judge(struct judge *j)
{
        uint64_t start = 0, size = 0, block = 512, got_start = 0, got_size = 0;
        char told[40], got[40] = "";

        (void)disk_number(j, "block_size", &block);
        (void)disk_number(j, "partition_start", &got_start);
        (void)disk_number(j, "partition_size", &got_size);
        if (evidence_number(j->evidence, EVIDENCE_TOLD, "esp_start", &start))
                CHECK_EQ(j, got_start * (block / 512), start);
        if (evidence_number(j->evidence, EVIDENCE_TOLD, "esp_size", &size))
                CHECK_EQ(j, got_size * (block / 512), size);
        (void)evidence_text(j->evidence, EVIDENCE_DISK, "partition_signature", got, sizeof(got));
        if (evidence_text(j->evidence, EVIDENCE_TOLD, "esp_guid", told, sizeof(told)))
                CHECK_TEXT(j, got, told);
}

void judge_boot_device_is_esp(struct judge *j)
{
        uint64_t format = 0, signature_type = 0, file_system = 0, last = 0, size = 0, logical = 0;

        if (!disk_recorded(j))
                return;
        if (!CHECK_SAY(j, disk_number(j, "partition_format", &format), "a hard-drive node in the boot device's path",
                       "%s", "none"))
                return;
        (void)disk_number(j, "partition_signature_type", &signature_type);
        (void)disk_number(j, "file_system_on_handle", &file_system);
        CHECK_SAY(j, format == 2, "the format of a GPT partition (2)", "%u", (unsigned)format);
        CHECK_SAY(j, signature_type == 2, "a signature that is a GUID (2)", "%u", (unsigned)signature_type);
        CHECK_SAY(j, file_system, "SimpleFileSystem on the boot device", "%s", file_system ? "it is there" : "none");
        if (disk_number(j, "logical_partition", &logical))
                CHECK_SAY(j, logical == 1, "BlockIo of a logical partition", "%u", (unsigned)logical);
        if (disk_number(j, "last_block", &last) && disk_number(j, "partition_size", &size))
                CHECK_SAY(j, last + 1 == size, "BlockIo of the partition's size", "last block 0x%llx of 0x%llx",
                          (unsigned long long)last, (unsigned long long)size);
        entry_judge(j);
        told_judge(j);
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_but_for_case(const char *a, const char *b)
{
        while (*a && lower(*a) == lower(*b)) {
                a++;
                b++;
        }
        return lower(*a) == lower(*b);
}

/*
 * The path ends with \EFI\BOOT\ and the name of this architecture; FAT knows no case. A file path node is relative to
 * the root of its device, so the rules of UEFI for path names let the first separator be missing (U-Boot has none).
 */
static bool leads_to(const char *path, const char *end)
{
        size_t length = strlen(path), tail = strlen(end);

        return same_but_for_case(path, end + 1) || (length >= tail && same_but_for_case(path + length - tail, end));
}

/* UEFI 8.1: the image lies in memory of its code's type, from its first byte to its last. */
static void place_judge(struct judge *j, uint64_t code, uint64_t base, uint64_t size)
{
        struct bytes map = j->evidence->of[EVIDENCE_MEMORY_MAP];
        struct map_range first = {0}, last = {0};

        if (!map_readable(map) || !size || size - 1 > UINT64_MAX - base)
                return;
        CHECK_SAY(j,
                  map_find(map, base, &first) && map_find(map, base + size - 1, &last) && first.type == code &&
                          last.type == code,
                  "ImageBase and ImageSize inside memory of ImageCodeType", "0x%llx bytes at 0x%llx: types %u and %u",
                  (unsigned long long)size, (unsigned long long)base, first.type, last.type);
        CHECK_SAY(j, base % 4096 == 0, "an image that begins at a page", "0x%llx", (unsigned long long)base);
}

static const char *removable_path(const struct evidence *evidence)
{
        uint64_t value;

        if (evidence_number(evidence, EVIDENCE_REGISTERS, "MPIDR_EL1", &value))
                return "\\EFI\\BOOT\\BOOTAA64.EFI";
        return evidence_is_aarch32(evidence) ? "\\EFI\\BOOT\\BOOTARM.EFI" : "\\EFI\\BOOT\\BOOTX64.EFI";
}

void judge_loaded_image_tells_its_origin(struct judge *j)
{
        uint64_t code = ~0ull, data = 0, options = 0, base = 0, size = 0;
        char want[32];
        bool at_removable_path;
        char path[128] = "";

        if (!disk_recorded(j))
                return;
        (void)evidence_text(j->evidence, EVIDENCE_DISK, "file_path", path, sizeof(path));
        text_copy(want, sizeof(want), removable_path(j->evidence));
        at_removable_path = leads_to(path, want);
        CHECK_SAY(j, at_removable_path, want, "%s", path[0] ? path : "no file path");
        if (!disk_number(j, "image_code_type", &code)) {
                SKIP(j, "LoadedImage was not recorded");
                return;
        }
        (void)disk_number(j, "image_data_type", &data);
        (void)disk_number(j, "load_options_size", &options);
        (void)disk_number(j, "image_base", &base);
        (void)disk_number(j, "image_size", &size);
        CHECK_SAY(j, code == 1, "ImageCodeType EfiLoaderCode (1)", "%u", (unsigned)code);
        CHECK_SAY(j, options == 0, "no LoadOptions", "%u bytes", (unsigned)options);
        CHECK_SAY(j, base && size, "ImageBase and ImageSize", "0x%llx and 0x%llx", (unsigned long long)base,
                  (unsigned long long)size);
        place_judge(j, code, base, size);
        CHECK_SAY(j, data == 2, "ImageDataType EfiLoaderData (2)", "%u", (unsigned)data);
}
