/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a machine file or a firmware does wrong is one clear sentence: exit 2 where the file itself is wrong, 3 where
 * nothing could be judged. A firmware that runs but does not boot the application is the platform's failure, not the
 * suite's: BOOT-01 asks for just that, so it FAILs (exit 1), and everything else, unheard, is an ERROR.
 */
#include "test_program.h"
#include "xen_frame.h"

static const char *out;

static const char machine_head[] = "[machine]\narch = aarch64\nmachine = virt\ncpu = cortex-a57\ngic = 3\n"
                                   "accelerator = tcg\nboot-timeout = %u\n";
static unsigned patience; /* boot-timeout */

/* Writes the private machine "bad". */
static void machine_put(const char *more, ...) __attribute__((format(printf, 1, 2)));
static void machine_put(const char *more, ...)
{
        char text[2000];
        size_t length = (size_t)snprintf(text, sizeof(text), machine_head, patience);
        va_list args;

        va_start(args, more);
        vsnprintf(text + length, sizeof(text) - length, more, args);
        va_end(args);
        file_write(in_scratch("config/vmspec/machines/bad.ini").text, text, strlen(text));
}

/* A -bios file of that many words and zeros after them. */
static void blob_put(const uint32_t *words, size_t size)
{
        static uint8_t blob[65536];

        memset(blob, 0, sizeof(blob));
        memcpy(blob, words, size);
        file_write(in_scratch("blob").text, blob, sizeof(blob));
        machine_put("firmware = bios\nfirmware-code = %s\n", in_scratch("blob").text);
}

#define BLOB(...) blob_put((const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}))

static int run_bad(void)
{
        return RUN("run", "--machine", "bad", "--case", "BOOT-01", "--case", "VAR-01", "--case", "VAR-03", "--jobs",
                   "2", "--format", "json", "--out", out);
}

static void assert_no_pass(const char *boot_verdict, const char *reason)
{
        json_t *root = report_load();

        assert_row(root, "boots_from_removable_path", boot_verdict, reason);
        assert_row(root, "var_volatile_works", "ERROR", reason);
        assert_row(root, "var_survives_power_off", "ERROR", reason);
        json_decref(root);
}

static void assert_usage(const char *words)
{
        assert_int_equal(run_bad(), 2);
        assert_one_sentence(words);
        assert_int_equal(access(out, F_OK), -1);
}

static void machine_file_is_wrong(void **state)
{
        (void)state;
        machine_put("firmware = descriptor\ncolour = red\n");
        assert_usage("bad.ini:9: unknown key 'colour'");
        machine_put("firmware = descriptor\ncpu = max\n");
        assert_usage("bad.ini:9: cpu: expected once");
        machine_put("firmware = descriptor\nprocessors = many\n");
        assert_usage("bad.ini:9: processors = many: expected a whole number");
        machine_put("firmware = descriptor\n[other]\nkey = value\n");
        assert_usage("bad.ini:10: section [other]: expected [machine]");
        machine_put("firmware = flash\n");
        assert_usage("bad.ini: firmware-code: expected a file");
        machine_put("firmware\n");
        assert_usage("bad.ini:8: expected a section or key = value");
        machine_put("title = %0400d\n", 0);
        assert_usage("bad.ini:8: expected lines shorter than");
}

static void firmware_is_absent(void **state)
{
        (void)state;
        machine_put("firmware = bios\nfirmware-code = /nonexistent/firmware.fd\n");
        assert_int_equal(run_bad(), 3);
        assert_one_sentence("firmware-code /nonexistent/firmware.fd: cannot be read: No such file or directory");
        assert_no_pass("ERROR", "/nonexistent/firmware.fd");
}

static void firmware_is_empty(void **state)
{
        (void)state;
        file_write(in_scratch("blob").text, "", 0);
        machine_put("firmware = bios\nfirmware-code = %s\n", in_scratch("blob").text);
        assert_int_equal(run_bad(), 3);
        assert_one_sentence("found an empty file, expected a firmware image");
        assert_no_pass("ERROR", "found an empty file");
}

/* A VM of the good machine is not held up by one that has no firmware. */
static void other_machine_runs_all_the_same(void **state)
{
        json_t *root;

        (void)state;
        machine_put("firmware = bios\nfirmware-code = /nonexistent/firmware.fd\n");
        assert_int_equal(RUN("run", "--machine", "bad", "--machine", "aarch64-aavmf-acpi", "--case", "VAR-01",
                             "--format", "json", "--out", out),
                         3);
        assert_one_sentence("/nonexistent/firmware.fd");
        root = report_load();
        assert_int_equal(rows_count(root, "PASS"), 1);
        assert_int_equal(rows_count(root, "ERROR"), 1);
        json_decref(root);
}

/* QEMU itself refuses a flash chip of that size: the platform was never up, so nothing is held against it. */
static void firmware_is_a_text(void **state)
{
        (void)state;
        file_write(in_scratch("a,b.fd").text, "not a firmware\n", 15);
        machine_put("firmware = flash\nstore = none\nfirmware-code = %s\n", in_scratch("a,b.fd").text);
        assert_int_equal(run_bad(), 3);
        assert_one_sentence("bytes");
        assert_no_pass("ERROR", "not-started: exit status 1: qemu-system-aarch64:");
}

static void vmm_refuses_its_command_line(void **state)
{
        (void)state;
        BLOB(0x14000000);
        machine_put("firmware = bios\nfirmware-code = %s\narg = -nonsense\n", in_scratch("blob").text);
        assert_int_equal(run_bad(), 3);
        assert_one_sentence("-nonsense: invalid option");
        assert_no_pass("ERROR", "-nonsense: invalid option");
}

static void vmm_is_not_installed(void **state)
{
        (void)state;
        BLOB(0x14000000);
        path_override = "/nonexistent";
        assert_int_equal(run_bad(), 3);
        assert_one_sentence("qemu-system-aarch64 is not installed");
        assert_no_pass("ERROR", "qemu-system-aarch64 is not installed");
}

/* Warnings at first, more of them than are kept, and then what an assertion of GLib's says. */
static const char vmm_that_aborts[] =
        "#!/bin/sh\n"
        "i=0\n"
        "while [ $i -lt 200 ]; do echo 'qemu: warning: of this and that' >&2; i=$((i + 1)); done\n"
        "printf '**\\nERROR:../hw/it.c:7:it_does: assertion failed: (it)\\n' >&2\n"
        "kill -ABRT $$\n";

static void vmm_says_why_it_aborts(void **state)
{
        struct path vmm = in_scratch("bin/qemu-system-aarch64"), bin = in_scratch("bin");

        (void)state;
        BLOB(0x14000000);
        assert_int_equal(mkdir(bin.text, 0700), 0);
        file_write(vmm.text, vmm_that_aborts, strlen(vmm_that_aborts));
        assert_int_equal(chmod(vmm.text, 0700), 0);
        path_override = bin.text;
        assert_int_equal(run_bad(), 3);
        assert_no_pass("ERROR", "killed by signal 6: ERROR:../hw/it.c:7:it_does: assertion failed: (it)");
}

static void firmware_is_zeros(void **state)
{
        (void)state;
        BLOB(0);
        assert_int_equal(run_bad(), 1);
        assert_one_sentence("bad: given up: the application did not start within 3000 ms");
        assert_no_pass("FAIL", "");
}

/* b . */
static void vm_is_silent(void **state)
{
        (void)state;
        BLOB(0x14000000);
        assert_int_equal(run_bad(), 1);
        assert_one_sentence("bad: given up: the application did not start within 3000 ms");
        assert_no_pass("FAIL", "did not start within 3000 ms");
}

/* movz x1, 0x900, lsl 16; movz w2, 'U'; strb w2, [x1]; b .-4. The runner's own limit ends it: no one is to blame. */
static void vm_floods_the_console(void **state)
{
        struct stat log;
        json_t *root;

        (void)state;
        patience = 60;
        BLOB(0xd2a12001, 0x52800aa2, 0x39000022, 0x17ffffff);
        assert_int_equal(RUN("run", "--machine", "bad", "--case", "BOOT-01", "--case", "VAR-01", "--format", "json",
                             "--out", out),
                         3);
        assert_one_sentence("bad: given up: the console was flooded");
        root = report_load();
        assert_row(root, "boots_from_removable_path", "ERROR", "flood: more than");
        assert_row(root, "var_volatile_works", "ERROR", "flood: more than");
        json_decref(root);
        assert_int_equal(stat(in_scratch("out/console-0.log").text, &log), 0);
        assert_in_range(log.st_size, 1024 * 1024, 8 * 1024 * 1024);
}

/* movz w0, 9; movk w0, 0x8400, lsl 16; hvc 0: PSCI SYSTEM_RESET */
static void firmware_resets_for_ever(void **state)
{
        (void)state;
        BLOB(0x52800120, 0x72b08000, 0xd4000002, 0x14000000);
        assert_int_equal(run_bad(), 1);
        assert_one_sentence("resets again and again without starting the application");
        assert_no_pass("FAIL", "resets again and again");
}

/* The same with 8: PSCI SYSTEM_OFF */
static void firmware_powers_off(void **state)
{
        (void)state;
        BLOB(0x52800100, 0x72b08000, 0xd4000002, 0x14000000);
        assert_int_equal(run_bad(), 1);
        assert_one_sentence("the VM ended before the application ever started");
        assert_no_pass("FAIL", "ended before the application ever started");
}

/* A Xen lab in a cache of the test's own, of files that hold nothing of use; absent: but one of them. */
static void lab_put(const char *absent)
{
        static const char *const folders[] = {"cache", "cache/vmspec", "cache/vmspec/xen-lab-arm64"};
        static const char *const files[] = {"key", "xen", "vmlinuz", "initrd", "XEN_EFI.fd", "protocol"};
        char name[80], protocol[20];

        snprintf(protocol, sizeof(protocol), "%d\n", XEN_PROTOCOL);
        setenv("XDG_CACHE_HOME", in_scratch("cache").text, 1);
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
                assert_int_equal(mkdir(in_scratch(folders[i]).text, 0777), 0);
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
                snprintf(name, sizeof(name), "cache/vmspec/xen-lab-arm64/%s", files[i]);
                if (strcmp(files[i], absent) != 0)
                        file_write(in_scratch(name).text, protocol, i < 4 ? 0 : strlen(protocol));
        }
        machine_put("hypervisor = xen\nfirmware = bios\nfirmware-code = XEN_EFI.fd\n");
}

static void xen_lab_is_not_whole(void **state)
{
        (void)state;
        lab_put("vmlinuz");
        assert_int_equal(run_bad(), 3);
        assert_one_sentence("xen-lab-arm64/vmlinuz: No such file or directory: ./dev xen-lab makes it");
        assert_no_pass("ERROR", "the Xen lab is not there");
}

static void xen_does_not_come_up(void **state)
{
        (void)state;
        lab_put("");
        assert_int_equal(run_bad(), 3);
        assert_one_sentence("Xen's control domain did not come up within 2250 ms");
        assert_no_pass("ERROR", "Xen's control domain did not come up within 2250 ms");
}

static int test_make(void **state)
{
        static struct path path;
        int result = scratch_set_up(state);

        patience = 3;
        path = in_scratch("out");
        out = path.text;
        return result;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(machine_file_is_wrong, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(firmware_is_absent, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(firmware_is_empty, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(other_machine_runs_all_the_same, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(firmware_is_a_text, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(vmm_refuses_its_command_line, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(vmm_is_not_installed, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(vmm_says_why_it_aborts, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(firmware_is_zeros, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(vm_is_silent, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(vm_floods_the_console, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(firmware_resets_for_ever, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(firmware_powers_off, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(xen_lab_is_not_whole, test_make, scratch_tear_down),
                cmocka_unit_test_setup_teardown(xen_does_not_come_up, test_make, scratch_tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
