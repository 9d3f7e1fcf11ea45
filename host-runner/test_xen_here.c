/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A control domain is told from what Linux says of Xen; and whatever its toolstack or the agent does, or does not, is
 * heard as one clear sentence. Both are this program itself, under their names.
 */
#include "file_watch.h"
#include "program.h"
#include "suite_disk.h"
#include "test_program.h"
#include "xen_agent.h"
#include "xen_frame.h"
#include "xen_here.h"
#include "xen_wake.h"

static bool habit_is(const char *habit)
{
        const char *wanted = getenv("VMSPEC_HERE");

        return wanted && strcmp(wanted, habit) == 0;
}

/* The machine --------------------------------------------------------------------------------------------------------
 */

static void hypervisor_put(const char *type, const char *features)
{
        static const char *const folders[] = {"sys", "sys/hypervisor", "sys/hypervisor/properties",
                                              "sys/hypervisor/version"};

        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
                (void)mkdir(in_scratch(folders[i]).text, 0777);
        file_write(in_scratch("sys/hypervisor/type").text, type, strlen(type));
        file_write(in_scratch("sys/hypervisor/properties/features").text, features, strlen(features));
        file_write(in_scratch("sys/hypervisor/version/major").text, "4\n", 2);
        file_write(in_scratch("sys/hypervisor/version/minor").text, "17\n", 3);
        file_write(in_scratch("sys/hypervisor/version/extra").text, ".6\n", 3);
}

static void control_domain_is_told(void **state)
{
        struct xen_here here;

        (void)state;
        hypervisor_put("xen\n", "00026805\n");
        here = xen_here_read(scratch);
        assert_true(here.control);
        assert_string_equal(here.version, "4.17.6");
}

static void other_machines_are_told(void **state)
{
        (void)state;
        assert_false(xen_here_read(scratch).control);
        hypervisor_put("xen\n", "00026005\n"); /* a guest of Xen's */
        assert_false(xen_here_read(scratch).control);
        hypervisor_put("xen\n", "");
        assert_false(xen_here_read(scratch).control);
        hypervisor_put("z/VM\n", "00026805\n");
        assert_false(xen_here_read(scratch).control);
}

/* The toolstack ------------------------------------------------------------------------------------------------------
 */

static int xl_run(const char *command)
{
        if (strcmp(command, "dmesg") == 0) {
                if (!habit_is("forgotten"))
                        printf("(XEN) GICv3 initialization:\n");
                if (habit_is("both"))
                        printf("(XEN) GICv3 compatible with GICv2 cbase 0x8010000 vbase 0x8040000\n");
                return 0;
        }
        if (habit_is("whole"))
                printf("host                   : here\nxen_version            : 4.17.6\nfree_memory            : "
                       "900\n");
        else if (habit_is("refused"))
                printf("xencall: error: Could not obtain handle on privileged command interface: Permission denied\n");
        else if (habit_is("other"))
                fprintf(stderr, "a remark\nERROR:  Can't find version 4.20 of xen utils, bailing out!\n");
        else if (habit_is("half"))
                printf("xen_version            : 4.17.6\nlibxl_physinfo failed.\n");
        return 0;
}

static void expect_of_xl(const char *habit, int result, const char *words)
{
        struct xen_toolstack toolstack = {""};
        char error[300] = "";

        setenv("VMSPEC_HERE", habit, 1);
        assert_int_equal(xen_toolstack_ask(&toolstack, error, sizeof(error)) ? 1 : 0, result);
        assert_string_equal(result ? error : toolstack.version, words);
}

static void toolstack_answers(void **state)
{
        (void)state;
        expect_of_xl("whole", 0, "4.17.6");
}

static void toolstack_does_not_fit(void **state)
{
        (void)state;
        expect_of_xl("refused", 1,
                     "xl info: xencall: error: Could not obtain handle on privileged command interface: Permission "
                     "denied");
        expect_of_xl("other", 1, "xl info: ERROR:  Can't find version 4.20 of xen utils, bailing out!");
        expect_of_xl("half", 1, "xl info: libxl_physinfo failed.");
        expect_of_xl("mute", 1, "xl info: it says nothing of this Xen");
}

static void toolstack_is_gone(void **state)
{
        (void)state;
        unlink(in_scratch("bin/xl").text);
        expect_of_xl("whole", 1,
                     "xl info: it cannot be started: No such file or directory: the package xen-utils has it");
}

static void gic_is_told(void **state)
{
        (void)state;
        setenv("VMSPEC_HERE", "one", 1);
        assert_true(xen_toolstack_lacks_gicv2());
        setenv("VMSPEC_HERE", "both", 1);
        assert_false(xen_toolstack_lacks_gicv2());
        setenv("VMSPEC_HERE", "forgotten", 1);
        assert_false(xen_toolstack_lacks_gicv2());
}

/* The agent ----------------------------------------------------------------------------------------------------------
 */

/* Says what it was given, and ends as it is told or with its channel. */
static int agent_run(int argc, char **argv)
{
        char byte;

        for (int i = 0; i < argc; i++) {
                int fd = -1;

                if (sscanf(argv[i], "%*[a-z-]=%d", &fd) == 1 && pread(fd, &byte, 1, 0) == 1)
                        dprintf(0, "%.*s=%c\n", (int)strcspn(argv[i], "="), argv[i], byte);
        }
        dprintf(0, "%s\n", strncmp(argv[1], "vmspec-", 7) == 0 ? "named" : argv[1]);
        if (habit_is("refused")) {
                fprintf(stderr, "xenstored cannot be asked: Connection refused\nand more\n");
                return 1;
        }
        if (habit_is("killed"))
                raise(SIGKILL);
        while (read(0, &byte, 1) > 0)
                dprintf(0, "heard %c\n", byte);
        return 0;
}

struct heard {
        struct vm *vm;
        bool done;
        char how[300], text[1000];
};

static void agent_event(void *context, enum vm_event event, const char *detail)
{
        struct heard *heard = context;

        assert_int_equal(event, VM_EXITED);
        snprintf(heard->how, sizeof(heard->how), "%s", detail);
        heard->done = true;
}

static void agent_console(void *context, const void *bytes, size_t size)
{
        struct heard *heard = context;

        snprintf(heard->text + strlen(heard->text), sizeof(heard->text) - strlen(heard->text), "%.*s", (int)size,
                 (const char *)bytes);
        if (habit_is("whole") && strstr(heard->text, "named\n") && !strstr(heard->text, "heard"))
                assert_int_equal(xen_agent.type(heard->vm, "x", 1), 0);
        if (strstr(heard->text, "heard x\n"))
                xen_agent.end(heard->vm, true);
}

static void agent_expect(const char *habit, enum vm_ended ended, const char *how, const char *text)
{
        struct machine machine = {.id = (char *)(uintptr_t) "bad", .code = in_scratch("firmware").text};
        struct vm_config config = vm_config_bare(&machine);
        struct heard heard = {0};
        struct loop *loop = loop_new();
        char error[300];

        assert_non_null(loop);
        setenv("VMSPEC_HERE", habit, 1);
        file_write(in_scratch("firmware").text, "f", 1);
        config.disk = private_file(4096);
        config.hot_disk = private_file(4096);
        assert_int_equal(pwrite(config.disk, "d", 1, 0) + pwrite(config.hot_disk, "h", 1, 0), 2);
        heard.vm = xen_agent.start(loop, &config, agent_event, agent_console, &heard, error, sizeof(error));
        assert_non_null(heard.vm);
        assert_int_equal(loop_run(loop, &heard.done), 0);
        assert_string_equal(heard.how, how);
        assert_int_equal(xen_agent.how_ended(heard.vm), ended);
        assert_string_equal(heard.text, text);
        xen_agent.release(heard.vm);
        close(config.disk);
        close(config.hot_disk);
        loop_free(loop);
}

static void agent_has_the_disks(void **state)
{
        (void)state;
        agent_expect("whole", VM_ENDED_ITSELF, "exit status 0", "firmware=f\ndisk=d\nhot-disk=h\nnamed\nheard x\n");
}

static void agent_that_cannot_begin_says_why(void **state)
{
        (void)state;
        agent_expect("refused", VM_ENDED_REFUSED, "xenstored cannot be asked: Connection refused",
                     "firmware=f\ndisk=d\nhot-disk=h\nnamed\n");
}

static void agent_that_is_killed_is_told(void **state)
{
        (void)state;
        agent_expect("killed", VM_ENDED_KILLED, "the agent was killed by signal 9",
                     "firmware=f\ndisk=d\nhot-disk=h\nnamed\n");
}

/* A file that a loop device writes to --------------------------------------------------------------------------------
 */

static void told(void *context)
{
        *(bool *)context = true;
}

/*
 * As such a kernel's loop device: the file's time is another one, and nobody is told, as both times are set at once.
 * True where somebody is woken.
 */
static bool wakes(bool written, bool looked_for)
{
        struct timespec times[2] = {{1, 2}, {1, 2}};
        struct loop *loop = loop_new();
        struct xen_wake wake = {0};
        bool woken = false, over = false;
        int file = private_file(8192);
        char bytes[4];

        assert_non_null(loop);
        assert_int_equal(pwrite(file, "all", 4, 0), 4);
        assert_int_equal(file_watch_begin(loop, file, told, &woken), 0);
        if (looked_for)
                assert_int_equal(xen_wake_begin(&wake, loop, file), 0);
        if (written)
                assert_int_equal(futimens(file, times), 0);
        assert_int_equal(loop_timer_set(loop, 350, told, &over), 0);
        assert_int_equal(loop_run(loop, &over), 0);
        assert_int_equal(pread(file, bytes, 4, 0), 4);
        assert_string_equal(bytes, "all");
        xen_wake_end(&wake);
        file_watch_end(told, &woken);
        loop_free(loop);
        close(file);
        return woken;
}

static void write_that_is_not_told_wakes(void **state)
{
        (void)state;
        assert_true(wakes(true, true));
        assert_false(wakes(true, false));
        assert_false(wakes(false, true));
}

/* An image -----------------------------------------------------------------------------------------------------------
 */

static void image_is_copied_with_its_holes(void **state)
{
        enum { SIZE = 3 * 1024 * 1024 + 512 };
        struct vm_image image = {.format = "raw", .base = private_file(SIZE)};
        int to = xen_image_file();
        struct stat status;
        char bytes[4];

        (void)state;
        assert_true(to >= 0);
        assert_int_equal(pwrite(image.base, "one", 4, 1024 * 1024), 4);
        assert_int_equal(pwrite(image.base, "end", 4, SIZE - 4), 4);
        assert_int_equal(xen_image_copy(&image, to), 0);
        assert_int_equal(fstat(to, &status), 0);
        assert_int_equal(status.st_size, SIZE);
        assert_true(status.st_blocks * 512 < SIZE / 2);
        assert_int_equal(pread(to, bytes, 4, 1024 * 1024), 4);
        assert_string_equal(bytes, "one");
        assert_int_equal(pread(to, bytes, 4, SIZE - 4), 4);
        assert_string_equal(bytes, "end");
        close(image.base);
        close(to);
}

/* Both programs stand where they are looked for: in PATH, and beside the one that starts them. */
static int test_make(void **state)
{
        char self[PATH_ROOM] = "", folder[PATH_MAX], agent[PATH_MAX + 20];
        int result = scratch_set_up(state);

        program_folder(folder);
        snprintf(agent, sizeof(agent), "%s/xen-agent", folder);
        if (result || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 || mkdir(in_scratch("bin").text, 0777))
                return -1;
        setenv("PATH", in_scratch("bin").text, 1);
        unlink(agent);
        return symlink(self, in_scratch("bin/xl").text) || symlink(self, agent);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_make, scratch_tear_down)

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                TEST(control_domain_is_told),
                TEST(other_machines_are_told),
                TEST(toolstack_answers),
                TEST(toolstack_does_not_fit),
                TEST(toolstack_is_gone),
                TEST(gic_is_told),
                TEST(agent_has_the_disks),
                TEST(agent_that_cannot_begin_says_why),
                TEST(agent_that_is_killed_is_told),
                TEST(write_that_is_not_told_wakes),
                TEST(image_is_copied_with_its_holes),
        };
        const char *slash = strrchr(argv[0], '/');

        if (strcmp(argv[0], "xl") == 0)
                return xl_run(argc > 1 ? argv[1] : "");
        if (slash && strcmp(slash, "/xen-agent") == 0)
                return agent_run(argc, argv);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
