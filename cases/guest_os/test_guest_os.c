/* SPDX-License-Identifier: BSD-2-Clause */
/* What trials tell is held against a guest only where it is proven; what stands in an image is found, and hurts nobody.
 */
#include "../image/test_disk.h"

#include <zlib.h>

#include "host.h"
#include "kernel.h"
#include "trial.h"

enum { MUTATIONS = 300 };

/* Trials ----------------------------------------------------------------------------------------------------------- */

struct told {
        unsigned passed, failed, skipped, errors;
        char last[FACT_TEXT];
};

static struct told told;

static void tell(struct check *check, const struct fact *fact)
{
        (void)check;
        told.passed += fact->kind == FACT_PASSED;
        told.failed += fact->kind == FACT_FAILED;
        told.skipped += fact->kind == FACT_SKIP;
        told.errors += fact->kind == FACT_ERROR;
        if (fact->kind == FACT_FAILED || fact->kind == FACT_ERROR)
                memcpy(told.last, fact->got, sizeof(told.last));
}

static void judge(enum case_id id, const struct boot_trial *trial, size_t count)
{
        struct boot_trials trials = {
                .count = count, .trial = (struct boot_trial *)(uintptr_t)trial, .marker = "login: "};
        struct row row = {.id = id};
        struct host host = {.check = {.tell = tell}, .id = id, .row = &row, .trials = &trials};

        told = (struct told){0};
        host_halves[id](&host);
}

#define REACHED(mask)                                                                                                  \
        {                                                                                                              \
                .over = true, .varied = (mask), .end = TRIAL_REACHED, .how = "the marker came"                         \
        }
#define FAILED(mask)                                                                                                   \
        {                                                                                                              \
                .over = true, .varied = (mask), .end = TRIAL_FAILED, .how = "it went by"                               \
        }
#define BROKEN(mask)                                                                                                   \
        {                                                                                                              \
                .over = true, .varied = (mask), .end = TRIAL_BROKEN, .how = "refused"                                  \
        }
#define JUDGE(id, ...)                                                                                                 \
        judge(CASE_##id, (const struct boot_trial[]){__VA_ARGS__},                                                     \
              sizeof((const struct boot_trial[]){__VA_ARGS__}) / sizeof(struct boot_trial))

static void what_was_reached_together_passes(void **state)
{
        (void)state;
        JUDGE(guest_boots_with_either_gic, REACHED(0), REACHED(VARY_GIC2 | VARY_FDT | VARY_MMIO | VARY_MEMORY));
        assert_int_equal(told.passed, 2);
        assert_int_equal(told.failed + told.errors, 0);
}

static void what_failed_together_is_not_held_against_one(void **state)
{
        (void)state;
        JUDGE(guest_boots_with_either_gic, REACHED(0), FAILED(VARY_GIC2 | VARY_FDT | VARY_MMIO));
        assert_int_equal(told.failed, 0);
        assert_int_equal(told.errors, 1);
        JUDGE(guest_boots_with_either_gic, REACHED(0), FAILED(VARY_GIC2 | VARY_FDT | VARY_MMIO), FAILED(VARY_GIC2));
        assert_int_equal(told.failed, 1);
        assert_non_null(strstr(told.last, "(trial: gic2)"));
        JUDGE(guest_boots_with_either_gic, REACHED(0), FAILED(VARY_GIC2 | VARY_FDT | VARY_MMIO), REACHED(VARY_GIC2));
        assert_int_equal(told.passed, 2);
}

static void a_guest_that_knows_fdt_alone_fails_one_case(void **state)
{
        (void)state;
        JUDGE(guest_boots_with_acpi_alone, FAILED(0), REACHED(VARY_FDT), FAILED(VARY_SCSI | VARY_LOW | VARY_CONSOLE),
              REACHED(VARY_SCSI | VARY_FDT));
        assert_int_equal(told.failed, 1);
        JUDGE(guest_boots_from_every_virtio_disk, FAILED(0), REACHED(VARY_FDT | VARY_MMIO), REACHED(VARY_FDT),
              FAILED(VARY_SCSI | VARY_LOW | VARY_CONSOLE), REACHED(VARY_SCSI | VARY_FDT));
        assert_int_equal(told.passed, 3);
        assert_int_equal(told.failed + told.errors, 0);
        JUDGE(guest_clock_is_that_of_uefi, FAILED(0), REACHED(VARY_FDT));
        assert_int_equal(told.skipped, 1);
}

static void a_guest_that_knows_acpi_alone_has_no_sbsa_uart(void **state)
{
        (void)state;
        JUDGE(guest_speaks_on_sbsa_uart, REACHED(0), FAILED(VARY_FDT), FAILED(VARY_SBSA | VARY_FDT));
        assert_int_equal(told.failed, 0);
        assert_int_equal(told.skipped, 1);
        JUDGE(guest_speaks_on_sbsa_uart, REACHED(0), REACHED(VARY_FDT), FAILED(VARY_SBSA | VARY_FDT));
        assert_int_equal(told.failed, 1);
}

static void what_the_suite_broke_is_an_error(void **state)
{
        (void)state;
        JUDGE(guest_boots_with_fdt_alone, REACHED(0), BROKEN(VARY_FDT));
        assert_int_equal(told.errors, 1);
        JUDGE(guest_boots_with_fdt_alone, FAILED(0));
        assert_int_equal(told.failed, 0);
        assert_int_equal(told.errors, 1);
        JUDGE(guest_boots_with_fdt_alone, FAILED(0), FAILED(VARY_FDT));
        assert_int_equal(told.failed, 1);
        JUDGE(guest_boots_with_fdt_alone, {.varied = VARY_FDT, .end = TRIAL_REACHED}, REACHED(0));
        assert_int_equal(told.errors, 1);
}

static void clock_judge(const char *console, uint64_t rtc)
{
        struct boot_trial trial = REACHED(0);

        trial.rtc = rtc;
        trial.milliseconds = 5000;
        trial.console = (struct bytes){(const uint8_t *)console, strlen(console)};
        judge(CASE_guest_clock_is_that_of_uefi, &trial, 1);
}

static void the_clock_is_that_of_the_vm(void **state)
{
        (void)state;
        clock_judge("noise VMSPEC-DATE 1000003\r\nlogin: ", 1000000);
        assert_int_equal(told.passed, 1);
        clock_judge("VMSPEC-DATE 4\r\nlogin: ", 1000000);
        assert_int_equal(told.failed, 1);
        clock_judge("VMSPEC-DATE 1000100\r\nlogin: ", 1000000);
        assert_int_equal(told.failed, 1);
        clock_judge("login: VMSPEC-DATE ", 1000000);
        assert_int_equal(told.skipped, 1);
        clock_judge("VMSPEC-DATE 99999999999999999999999999\r\n", 1000000);
        assert_int_equal(told.failed, 1);
}

static void names_are_found_again(void **state)
{
        (void)state;
        for (unsigned bit = 0; bit < VARY_COUNT; bit++)
                assert_int_equal(trial_vary_find(trial_vary_name(bit)), 1u << bit);
        assert_int_equal(trial_vary_find("plain"), 0);
        assert_string_equal(trial_name(0).text, "plain");
        assert_true(strlen(trial_name(VARY_ALL).text) < sizeof(trial_name(0).text) - 1);
}

/* Images ----------------------------------------------------------------------------------------------------------- */

static const char configuration[] = "# Linux/arm64 6.1.0 Kernel Configuration\nCONFIG_ARM64=y\nCONFIG_ARM_GIC=y\n"
                                    "# CONFIG_ARM_GIC_V3 is not set\nCONFIG_VIRTIO_BLK=m\nCONFIG_ARM_GIC_V3_ITS=y\n";

/* A disk with an ESP of FAT32 and an ext4 file system, into whose /boot a folder of the host goes. */
static struct memory_disk {
        uint8_t *data;
        size_t size;
} disk_load(const char *path)
{
        struct memory_disk disk = {.size = 64 << 20};
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        disk.data = calloc(1, disk.size);
        assert_non_null(disk.data);
        assert_int_equal(pread(fd, disk.data, disk.size, 0), disk.size);
        close(fd);
        return disk;
}

static bool disk_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        const struct memory_disk *disk = image->context;

        memcpy(to, disk->data + offset, size);
        return true;
}

static struct memory_disk ext_disk(const char *command_line)
{
        const char *folder = test_folder("guest_os");
        char path[400], tree[300];
        uint64_t start = (2048 + 48 * 2048) * 512ull;

        snprintf(path, sizeof(path), "%s/disk.img", folder);
        snprintf(tree, sizeof(tree), "%s/tree", folder);
        test_disk_good(folder, path);
        test_run_ok("mkdir -p %s/boot/grub", tree);
        snprintf(path, sizeof(path), "%s/boot/config-6.1.0-arm64", tree);
        test_file_write(path, configuration, sizeof(configuration) - 1);
        snprintf(path, sizeof(path), "%s/boot/grub/grub.cfg", tree);
        test_file_write(path, command_line, strlen(command_line));
        test_run_ok("mkfs.ext4 -q -F -d %s -E offset=%llu %s/disk.img 12m", tree, (unsigned long long)start, folder);
        snprintf(path, sizeof(path), "%s/disk.img", folder);
        return disk_load(path);
}

static struct image image_of(struct memory_disk *disk)
{
        return (struct image){.size = disk->size, .block_size = 512, .context = disk, .read = disk_read};
}

static void judge_image(enum case_id id, const struct image *image)
{
        struct judge j = {.check = {.tell = tell}, .image = image};

        told = (struct told){0};
        judge_halves[id](&j);
}

static void the_configuration_is_found_in_ext4(void **state)
{
        struct memory_disk disk = ext_disk("linux /vmlinuz root=x console=ttyAMA0\n");
        struct image image = image_of(&disk);
        struct kernel_config config;

        (void)state;
        kernel_config_find(&image, &config);
        assert_string_equal(config.where, "partition 2: /boot/config-6.1.0-arm64");
        assert_true(kernel_config_has(&config, "ARM_GIC"));
        assert_true(kernel_config_has(&config, "VIRTIO_BLK"));
        assert_false(kernel_config_has(&config, "ARM_GIC_V3"));
        kernel_config_free(&config);
        judge_image(CASE_kernel_has_both_gic_drivers, &image);
        assert_int_equal(told.failed, 1);
        judge_image(CASE_loader_pins_no_single_console, &image);
        assert_int_equal(told.failed, 1);
        free(disk.data);
        disk = ext_disk("\tlinux /vmlinuz root=x console=tty0 console=ttyAMA0\n linux /other quiet\n");
        image = image_of(&disk);
        judge_image(CASE_loader_pins_no_single_console, &image);
        assert_int_equal(told.failed, 0);
        assert_int_equal(told.passed, 1);
        free(disk.data);
}

/* A kernel of one page that carries its configuration, and a unified kernel image that carries its command line. */
static void what_kernels_carry_is_found(void **state)
{
        const char *folder = test_folder("guest_os");
        uint8_t packed[4096] = "MZ..IKCFG_ST", pe[TEST_PE_SIZE];
        z_stream stream = {.next_in = (Bytef *)(uintptr_t)configuration,
                           .avail_in = sizeof(configuration) - 1,
                           .next_out = packed + 12,
                           .avail_out = sizeof(packed) - 12};
        struct memory_disk disk;
        struct kernel_config config;
        struct image image;
        char path[300], file[300];

        (void)state;
        assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
        deflateEnd(&stream);
        snprintf(path, sizeof(path), "%s/disk.img", folder);
        snprintf(file, sizeof(file), "%s/file", folder);
        test_disk_good(folder, path);
        test_file_write(file, packed, sizeof(packed));
        test_run_ok("mcopy -i %s@@1048576 %s ::/vmlinuz", path, file);
        test_pe_make(pe, 0xaa64);
        memcpy(pe + 328, ".cmdline", 8); /* the first section's name */
        memset(pe + 0x200, 0, 0x200);
        memcpy(pe + 0x200, "root=x console=hvc0", 19);
        test_file_write(file, pe, sizeof(pe));
        test_run_ok("mmd -i %s@@1048576 ::/EFI/Linux", path);
        test_run_ok("mcopy -i %s@@1048576 %s ::/EFI/Linux/unified.efi", path, file);
        disk = disk_load(path);
        image = image_of(&disk);
        kernel_config_find(&image, &config);
        assert_string_equal(config.where, "partition 1: \\VMLINUZ");
        assert_true(kernel_config_has(&config, "ARM_GIC"));
        kernel_config_free(&config);
        judge_image(CASE_loader_pins_no_single_console, &image);
        assert_int_equal(told.failed, 1);
        assert_non_null(strstr(told.last, "console=hvc0"));
        free(disk.data);
}

/* Nothing but an end in bounded time is asked for: what is read there is anything. */
static void broken_file_systems_hurt_nobody(void **state)
{
        struct memory_disk disk = ext_disk("linux /vmlinuz console=ttyAMA0\n");
        struct image image = image_of(&disk);
        uint64_t random = 88172645463325252u, start = (2048 + 48 * 2048) * 512ull;
        uint8_t *ext = disk.data + start, *good = malloc(1 << 20);

        (void)state;
        assert_non_null(good);
        memcpy(good, ext, 1 << 20);
        for (unsigned i = 0; i < MUTATIONS; i++) {
                for (unsigned k = 0; k < 12; k++) {
                        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
                        ext[(k < 4 ? 1024 + random % 1024 : random % (1 << 20))] = (uint8_t)(random >> 32);
                }
                ext[1024 + 56] = 0x53;
                ext[1024 + 57] = 0xef;
                judge_image(CASE_kernel_configuration_is_found, &image);
                assert_true(told.passed + told.skipped > 0);
                judge_image(CASE_loader_pins_no_single_console, &image);
                memcpy(ext, good, 1 << 20);
        }
        free(good);
        free(disk.data);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_reached_together_passes),
                cmocka_unit_test(what_failed_together_is_not_held_against_one),
                cmocka_unit_test(a_guest_that_knows_fdt_alone_fails_one_case),
                cmocka_unit_test(a_guest_that_knows_acpi_alone_has_no_sbsa_uart),
                cmocka_unit_test(what_the_suite_broke_is_an_error),
                cmocka_unit_test(the_clock_is_that_of_the_vm),
                cmocka_unit_test(names_are_found_again),
                cmocka_unit_test(the_configuration_is_found_in_ext4),
                cmocka_unit_test(what_kernels_carry_is_found),
                cmocka_unit_test(broken_file_systems_hurt_nobody),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
