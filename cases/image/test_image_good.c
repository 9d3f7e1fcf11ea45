/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks that the common tools make and find sound are found sound; what is no raw disk is refused in one sentence. */
#include "test_disk.h"

#include <errno.h>

static char disk[300], esp[300];

/* fsck.fat says of the file system what esp_fat_is_clean says of it. */
static void fsck_agrees(uint64_t start, uint64_t size)
{
        test_run_ok("dd if=%s of=%s bs=1M iflag=skip_bytes,count_bytes skip=%llu count=%llu conv=sparse", disk, esp,
                    (unsigned long long)start, (unsigned long long)size);
        test_run_ok("fsck.fat -n %s", esp);
        unlink(esp);
}

static void disk_good(const char *folder, unsigned block, const char *name, uint16_t machine, unsigned sectors)
{
        uint64_t first = (1u << 20) / block, mib = block == 4096 ? 288 : 48 * sectors;

        test_esp_fill(folder, disk, block, first, mib * 1024, sectors, name, machine);
        test_judge_good(disk, block);
        fsck_agrees(1 << 20, mib << 20);
        unlink(disk);
}

static const char *begin(const char *name)
{
        const char *folder = test_folder(name);

        snprintf(disk, sizeof(disk), "%s/disk.img", folder);
        snprintf(esp, sizeof(esp), "%s/esp.img", folder);
        return folder;
}

static void sgdisk_disks_are_good(void **state)
{
        const char *folder = begin("test_image_good");

        (void)state;
        for (unsigned sectors = 1; sectors <= 8; sectors *= 2) {
                test_disk_empty(disk, (off_t)(48 * sectors + 16) << 20);
                test_run_ok("sgdisk -n 1:2048:+%uM -t 1:ef00 -n 2:0:0 -t 2:8300 %s", 48 * sectors, disk);
                disk_good(folder, 512, "BOOTAA64.EFI", 0xaa64, sectors);
        }
        test_disk_empty(disk, 64 << 20);
        test_run_ok("sgdisk -S 256 -n 3:2048:+48M -t 3:ef00 %s", disk);
        disk_good(folder, 512, "bootarm.efi", 0x01c2, 1);
}

static void parted_disks_are_good(void **state)
{
        const char *folder = begin("test_image_good");

        (void)state;
        test_disk_empty(disk, 64 << 20);
        test_run_ok("parted -s %s mklabel gpt mkpart ESP fat32 1MiB 49MiB set 1 esp on mkpart data 49MiB 60MiB", disk);
        disk_good(folder, 512, "BootAA64.efi", 0xaa64, 1);
        setenv("PARTED_SECTOR_SIZE", "4096", 1);
        test_disk_empty(disk, 300 << 20);
        test_run_ok("parted -s %s mklabel gpt mkpart ESP fat32 1MiB 289MiB set 1 esp on", disk);
        unsetenv("PARTED_SECTOR_SIZE");
        disk_good(folder, 4096, "BOOTAA64.EFI", 0xaa64, 1);
}

static void sfdisk_disks_are_good(void **state)
{
        static const char script[] = "label: gpt\nstart=2048, size=98304, type=U\ntype=L\n";
        const char *folder = begin("test_image_good");
        char input[400];

        (void)state;
        snprintf(input, sizeof(input), "%s/sfdisk.txt", folder);
        test_file_write(input, script, sizeof(script) - 1);
        test_disk_empty(disk, 64 << 20);
        test_run_with(input, "sfdisk", disk);
        disk_good(folder, 512, "BOOTAA64.EFI", 0xaa64, 1);
}

static void refused(const void *bytes, size_t size, size_t at, off_t length, int status, const char *word)
{
        struct ledger ledger = {0};
        bool selected[CASE_COUNT] = {false};
        char error[300] = "";
        int fd, got;

        test_disk_empty(disk, length);
        fd = open(disk, O_RDWR | O_CLOEXEC);
        assert_int_equal(pwrite(fd, bytes, size, (off_t)at), size);
        close(fd);
        got = image_judge(&ledger, disk, 512, selected, error, sizeof(error));
        if (got != status || !strstr(error, word) || !strstr(error, disk))
                fail_msg("wanted %d with \"%s\", got %d: %s", status, word, got, error);
        assert_int_equal(ledger.subjects, 0);
}

static void what_is_no_raw_disk_is_refused(void **state)
{
        struct ledger ledger = {0};
        bool selected[CASE_COUNT] = {false};
        char error[300] = "";
        const char *folder = begin("test_image_good");

        (void)state;
        refused("", 0, 0, 0, -EINVAL, "no bytes");
        refused("", 0, 0, 1000, -EINVAL, "1000 bytes, not whole blocks of 512");
        refused("QFI\xfb", 4, 0, 65536, -EMEDIUMTYPE, "qcow2");
        refused("KDMV", 4, 0, 65536, -EMEDIUMTYPE, "VMDK");
        refused("\x7f\x10\xda\xbe", 4, 64, 65536, -EMEDIUMTYPE, "VDI");
        refused("vhdxfile", 8, 0, 65536, -EMEDIUMTYPE, "VHDX");
        refused("conectix", 8, 65024, 65536, -EMEDIUMTYPE, "VHD");
        assert_int_equal(image_judge(&ledger, folder, 512, selected, error, sizeof(error)), -EISDIR);
        assert_non_null(strstr(error, "a directory"));
        assert_int_equal(image_judge(&ledger, "/nowhere/at all", 512, selected, error, sizeof(error)), -ENOENT);
        assert_int_equal(image_judge(&ledger, "/dev/null", 512, selected, error, sizeof(error)), -EINVAL);
        unlink(disk);
}

/* Verdicts that a disk gets where the cases depend on one another. */
static void dependent_cases_do_not_pass(void **state)
{
        enum verdict verdict[CASE_COUNT];
        const char *folder = begin("test_image_good");

        (void)state;
        test_disk_empty(disk, 64 << 20);
        test_judge(disk, 512, verdict, NULL);
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (cases[id].stage == STAGE_STATIC && judge_halves[id] && id != CASE_container_presents_its_disk)
                        assert_true(verdict[id] == VERDICT_FAIL || verdict[id] == VERDICT_SKIP);
        assert_int_equal(verdict[CASE_esp_type_guid], VERDICT_FAIL);
        assert_int_equal(verdict[CASE_esp_is_fat32], VERDICT_FAIL);
        assert_int_equal(verdict[CASE_removable_path], VERDICT_FAIL);
        assert_int_equal(verdict[CASE_esp_fat_is_clean], VERDICT_SKIP);
        test_run_ok("sgdisk -n 1:2048:+48M -t 1:ef00 %s", disk);
        test_esp_fill(folder, disk, 512, 2048, 48 * 1024, 1, "BOOTX64.EFI", 0x8664);
        test_judge(disk, 512, verdict, NULL);
        assert_int_equal(verdict[CASE_removable_path], VERDICT_FAIL);
        assert_int_equal(verdict[CASE_boot_file_is_efi_application], VERDICT_PASS);
        assert_int_equal(verdict[CASE_esp_fat_is_clean], VERDICT_PASS);
        unlink(disk);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sgdisk_disks_are_good),       cmocka_unit_test(parted_disks_are_good),
                cmocka_unit_test(sfdisk_disks_are_good),       cmocka_unit_test(what_is_no_raw_disk_is_refused),
                cmocka_unit_test(dependent_cases_do_not_pass),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
