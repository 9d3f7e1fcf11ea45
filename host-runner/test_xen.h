/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of Xen machines share; for tests only. */
#pragma once

#include "test_program.h"
#include "xen_frame.h"

static const char *out;

/* Writes the private machine "bad", a domain with 256 MiB and one processor. */
static void machine_put(const char *more)
{
        char text[1000];
        int length = snprintf(text, sizeof(text),
                              "[machine]\narch = aarch64\nhypervisor = xen\nmachine = virt\ncpu = cortex-a57\ngic = 3\n"
                              "memory = 256\nfirmware = bios\naccelerator = tcg\nhotplug-bus = xenbus\n%s",
                              more);

        file_write(in_scratch("config/vmspec/machines/bad.ini").text, text, (size_t)length);
}

/* A firmware of the lab's own, and what the test is patient for. */
#define STOCK "firmware-code = XEN_EFI.fd\nboot-timeout = 4\n"

/* Writes the user's own xl.cfg, and the machine that names it. */
static void own_put(const char *text, size_t size, const char *more) MAYBE_UNUSED;
static void own_put(const char *text, size_t size, const char *more)
{
        char lines[PATH_ROOM + 100];

        file_write(in_scratch("own.cfg").text, text, size);
        snprintf(lines, sizeof(lines), "%sxl-config = %s\n", more, in_scratch("own.cfg").text);
        machine_put(lines);
}

static void lab_file_put(const char *name, const char *text) MAYBE_UNUSED;
static void lab_file_put(const char *name, const char *text)
{
        char path[80];

        snprintf(path, sizeof(path), "cache/vmspec/xen-lab-arm64/%s", name);
        file_write(in_scratch(path).text, text, strlen(text));
}

/* A folder for a lab of the test's own. */
static void lab_folder_make(void) MAYBE_UNUSED;
static void lab_folder_make(void)
{
        static const char *const folders[] = {"cache", "cache/vmspec", "cache/vmspec/xen-lab-arm64"};

        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
                assert_int_equal(mkdir(in_scratch(folders[i]).text, 0777), 0);
        setenv("XDG_CACHE_HOME", in_scratch("cache").text, 1);
}

/* A lab that looks whole, and a machine for it. */
static void lab_files_put(void) MAYBE_UNUSED;
static void lab_files_put(void)
{
        char protocol[20];

        lab_folder_make();
        snprintf(protocol, sizeof(protocol), "%d\n", XEN_PROTOCOL);
        lab_file_put("protocol", protocol);
        lab_file_put("key", "");
        lab_file_put("xen", "");
        lab_file_put("vmlinuz", "");
        lab_file_put("initrd", "");
        lab_file_put("XEN_EFI.fd", "x");
        machine_put(STOCK);
}

static int run_bad(void)
{
        return RUN("run", "--machine", "bad", "--case", "VAR-01", "--case", "BOOT-01", "--format", "json", "--out",
                   out);
}

/* Nothing was judged, and why not is one sentence, in the row as well. */
static void error_expect(const char *sentence)
{
        json_t *root;

        assert_int_equal(run_bad(), 3);
        assert_one_sentence(sentence);
        root = report_load();
        assert_row(root, "var_volatile_works", "ERROR", sentence);
        assert_row(root, "boots_from_removable_path", "ERROR", sentence);
        json_decref(root);
}

/* As scratch_set_up(), with the cache that there was before a test put its own in its place. */
static int xen_set_up(void **state)
{
        static char *before;
        static struct path path;
        int result = scratch_set_up(state);

        path = in_scratch("out");
        out = path.text;
        if (!before)
                before = strdup(getenv("XDG_CACHE_HOME") ? getenv("XDG_CACHE_HOME") : "");
        if (before && *before)
                setenv("XDG_CACHE_HOME", before, 1);
        else
                unsetenv("XDG_CACHE_HOME");
        return result;
}
