/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the real lab, too, a domain that cannot be, and a control domain that is gone while it makes one, are one clear
 * sentence each; and the user's own xl.cfg is what the domain is made from.
 */
#include "test_xen.h"

static void firmware_put(const void *bytes, size_t size, off_t whole)
{
        char line[PATH_ROOM + 60];

        file_write(in_scratch("blob").text, bytes, size);
        assert_int_equal(truncate(in_scratch("blob").text, whole), 0);
        snprintf(line, sizeof(line), "firmware-code = %s\nboot-timeout = 240\n", in_scratch("blob").text);
        machine_put(line);
}

/* An Image of Linux' form: b 0x40; adr x1, 0x60; movz x0, 2; movz x16, 29; hvc 0xea1, which is SCHEDOP_shutdown with 3.
 */
static void domain_crashes(void **state)
{
        static const uint32_t image[] = {
                [0] = 0x14000010,  [2] = 0x80000,     [4] = 65536,       [14] = 0x644d5241, [16] = 0x10000101,
                [17] = 0xd2800040, [18] = 0xd28003b0, [19] = 0xd401d422, [20] = 0x14000000, [24] = 3};

        (void)state;
        firmware_put(image, sizeof(image), 65536);
        error_expect("the VM was stopped before the application ever started: crash");
}

static void domain_never_starts(void **state)
{
        (void)state;
        firmware_put("", 0, 65536);
        error_expect("xl could not create the domain: exit status 3: xc: error: panic:");
}

static void control_domain_is_full(void **state)
{
        (void)state;
        firmware_put("", 0, 400 << 20);
        error_expect("the firmware cannot be copied into the control domain: No space left on device");
}

/* The lab's initramfs, with a file of another one behind it that the kernel puts in the place of the first. */
static void initrd_put(const char *from, const char *name, const void *bytes, size_t size)
{
        static const char format[] = "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s";
        size_t had, length;
        char *text = file_text(from, &had), *whole = calloc(1, had + size + 1024), *at;

        assert_non_null(whole);
        memcpy(whole, text, had);
        at = whole + (had + 3) / 4 * 4;
        length = (size_t)sprintf(at, format, 1, 0100755, 1, 0, 0, 0, (unsigned)size, 0, 0, 0, 0,
                                 (unsigned)strlen(name) + 1, 0, name);
        at += (length + 1 + 3) / 4 * 4;
        memcpy(at, bytes, size);
        at += (size + 3) / 4 * 4;
        length = (size_t)sprintf(at, format, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 11, 0, "TRAILER!!!");
        file_write(in_scratch("cache/vmspec/xen-lab-arm64/initrd").text, whole, (size_t)(at - whole) + length + 4);
        free(whole);
        free(text);
}

/* A lab like the real one, but for its xl: reboot(RESTART), as it is asked to create a domain. */
static void lab_put(void)
{
        static const char *const files[] = {"key", "protocol", "xen", "vmlinuz", "XEN_EFI.fd"};
        static const struct {
                uint8_t ident[16];
                uint16_t type, machine;
                uint32_t version;
                uint64_t entry, program, section;
                uint32_t flags;
                uint16_t size, program_size, programs, section_size, sections, names;
                uint32_t load, access;
                uint64_t offset, at, physical, file, memory, align;
                uint32_t code[8];
        } xl = {"\177ELF\2\1\1",
                2,
                183,
                1,
                0x400078,
                64,
                0,
                0,
                64,
                56,
                1,
                0,
                0,
                0,
                1,
                5,
                0,
                0x400000,
                0x400000,
                152,
                152,
                65536,
                /* reboot(0xfee1dead, 0x28121969, 0x01234567) */
                {0xd29bd5a0, 0xf2bfdc20, 0xd2832d21, 0xf2a50241, 0xd288ace2, 0xf2a02462, 0xd28011c8, 0xd4000001}};
        const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
        char real[PATH_ROOM + 20], link[100], initrd[PATH_ROOM + 40];

        snprintf(real, sizeof(real), "%s%s/vmspec/xen-lab-arm64", cache && *cache ? cache : home,
                 cache && *cache ? "" : "/.cache");
        lab_folder_make();
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
                char to[PATH_ROOM + 60];

                snprintf(to, sizeof(to), "%s/%s", real, files[i]);
                snprintf(link, sizeof(link), "cache/vmspec/xen-lab-arm64/%s", files[i]);
                assert_int_equal(symlink(to, in_scratch(link).text), 0);
        }
        snprintf(initrd, sizeof(initrd), "%s/initrd", real);
        initrd_put(initrd, "bin/xl", &xl, sizeof(xl));
}

static void control_domain_is_gone_in_the_middle(void **state)
{
        (void)state;
        lab_put();
        machine_put("firmware-code = XEN_EFI.fd\nboot-timeout = 240\n");
        error_expect("Xen's control domain is gone");
}

static void own_config_makes_the_domain(void **state)
{
        static const char own[] = "# a domain of mine\nname = 'mine'\nmemory = 256\nvcpus = 1\nacpi = 1\n"
                                  "vuart = \"sbsa_uart\"\nkernel = \"/nowhere\"\n";
        json_t *root;

        (void)state;
        own_put(own, strlen(own), "firmware-code = XEN_EFI.fd\nboot-timeout = 240\n");
        assert_int_equal(RUN("run", "--machine", "bad", "--case", "XEN-04", "--case", "XEN-05", "--format", "json",
                             "--out", out),
                         0);
        root = report_load();
        assert_row(root, "xen_offers_acpi", "PASS", "");
        assert_row(root, "xen_offers_sbsa_uart", "PASS", "");
        json_decref(root);
}

static int test_make(void **state)
{
        patience_s = 200;
        return xen_set_up(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_make, scratch_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(domain_crashes),
                TEST(domain_never_starts),
                TEST(control_domain_is_full),
                TEST(control_domain_is_gone_in_the_middle),
                TEST(own_config_makes_the_domain),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
