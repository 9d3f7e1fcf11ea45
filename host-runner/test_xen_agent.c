/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever a Xen lab does, or does not, is one clear sentence, an ERROR and exit 3. The lab's QEMU is this program
 * itself, under QEMU's name: it answers as QMP and speaks, or breaks, the frames of the control domain's agent.
 */
#include "test_xen.h"

/* The lab ------------------------------------------------------------------------------------------------------------
 */

static int qmp = -1;
static bool goes_on; /* from where another lab was saved */

static void lab_say(const char *text)
{
        if (write(qmp, text, strlen(text)) < 0)
                _exit(1);
}

static void frame_say(enum xen_frame_type type, const void *payload, size_t size)
{
        uint8_t frame[XEN_FRAME_HEADER + XEN_FRAME_MAX];

        xen_frame_header(frame, type, payload, size);
        memcpy(frame + XEN_FRAME_HEADER, payload, size);
        if (write(STDOUT_FILENO, frame, XEN_FRAME_HEADER + size) < 0)
                _exit(1);
}

static void text_say(enum xen_frame_type type, const char *text)
{
        frame_say(type, text, strlen(text));
}

/* Of the program with number 1, which creates the domain. */
static void xl_say(const char *text)
{
        char payload[300] = "\1\0\0";
        int length = snprintf(payload + 4, sizeof(payload) - 4, "%s\n", text);

        frame_say(XEN_FRAME_OUTPUT, payload, 4 + (size_t)length);
}

static void xl_end(uint8_t status)
{
        const uint8_t payload[8] = {1, 0, 0, 0, status};

        frame_say(XEN_FRAME_EXIT, payload, sizeof(payload));
}

static bool habit_is(const char *habit)
{
        const char *wanted = getenv("VMSPEC_LAB");

        return wanted && strcmp(wanted, habit) == 0;
}

static void agent_begin(void)
{
        char ready[100];

        snprintf(ready, sizeof(ready), "protocol=%d\nXen 4.17.6\ndisk=/dev/vda\nname=guest\nconfig=/guest.cfg\n",
                 habit_is("old") ? XEN_PROTOCOL - 1 : XEN_PROTOCOL);
        if (habit_is("older"))
                text_say(XEN_FRAME_READY, "Xen 4.17.6\ndisk=/dev/vda\nname=guest\nconfig=/guest.cfg\n");
        else if (habit_is("noise"))
                (void)!write(STDOUT_FILENO, "this is no frame of any kind\n", 29);
        else if (habit_is("stranger"))
                text_say(XEN_FRAME_TYPE, "frames of the runner's alone");
        else if (habit_is("full"))
                text_say(XEN_FRAME_REFUSED, "the firmware cannot be copied: No space left on device");
        else if (!habit_is("mute"))
                text_say(XEN_FRAME_READY, ready);
}

/* What becomes of the domain that is asked for. */
static void domain_begin(void)
{
        if (habit_is("too-large")) {
                xl_say("libxl: error: libxl_mem.c:330: insufficient free memory");
                xl_end(3);
        } else if (habit_is("no-room")) {
                text_say(XEN_FRAME_REFUSED, "/guest.cfg cannot be written: No space left on device");
                xl_say("Failed to read config file: /guest.cfg");
                xl_end(1);
        } else if (habit_is("crash")) {
                xl_say("Domain 1 has shut down, reason code 3 0x3");
        } else if (habit_is("gone") || habit_is("stuck") || habit_is("deaf") || habit_is("torn")) {
                lab_say("{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}}\r\n");
        } else if (habit_is("panic")) {
                lab_say("{\"event\": \"RESET\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}\r\n");
        } else if (habit_is("killed")) {
                raise(SIGKILL);
        }
}

static void agent_hear(void)
{
        static struct xen_frame_reader reader;
        struct xen_frame frame;
        uint8_t bytes[4096];
        ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

        if (got <= 0)
                _exit(0);
        for (ssize_t at = 0; at < got;) {
                at += (ssize_t)xen_frame_feed(&reader, bytes + at, (size_t)(got - at));
                while (xen_frame_take(&reader, &frame) > 0) {
                        if (frame.type == XEN_FRAME_RUN)
                                domain_begin();
                        if (frame.type == XEN_FRAME_HELLO && habit_is("torn"))
                                raise(SIGABRT);
                        if (frame.type == XEN_FRAME_HELLO && !habit_is("deaf"))
                                agent_begin();
                }
        }
}

static void qmp_hear(void)
{
        static char line[4096];
        static size_t length;
        ssize_t got = read(qmp, line + length, 1);
        const char *id;

        if (got <= 0)
                _exit(0);
        if (line[length] != '\n' && ++length < sizeof(line) - 1)
                return;
        line[length] = 0;
        length = 0;
        id = strstr(line, "\"id\":");
        if (id)
                dprintf(qmp, "{\"return\": {}, \"id\": %d}\r\n", atoi(id + 5));
        if ((strstr(line, "\"migrate\"") && !habit_is("stuck")) || strstr(line, "\"migrate-incoming\""))
                lab_say("{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\r\n");
        if (strstr(line, "\"cont\"") && goes_on)
                lab_say("{\"event\": \"RESUME\"}\r\n");
        else if (strstr(line, "\"cont\""))
                agent_begin();
        if (strstr(line, "\"quit\""))
                _exit(0);
}

static int lab_run(char **argv)
{
        for (; *argv; argv++) {
                (void)sscanf(*argv, "socket,id=qmp,fd=%d", &qmp);
                goes_on |= strcmp(*argv, "-incoming") == 0;
        }
        lab_say("{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7, \"minor\": 2, \"micro\": 0}}, \"capabilities\": "
                "[]}}\r\n");
        for (;;) {
                struct pollfd fds[] = {{qmp, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

                if (poll(fds, 2, -1) < 0)
                        return 1;
                if (fds[0].revents)
                        qmp_hear();
                if (fds[1].revents)
                        agent_hear();
        }
}

/* The runner ---------------------------------------------------------------------------------------------------------
 */

static void expect_error(const char *habit, const char *sentence)
{
        setenv("VMSPEC_LAB", habit, 1);
        error_expect(sentence);
}

static void agent_of_another_version(void **state)
{
        (void)state;
        expect_error("old", "the agent of the Xen lab is another version's: ./dev xen-lab makes the lab anew");
}

static void agent_of_before_versions(void **state)
{
        (void)state;
        expect_error("older", "the agent of the Xen lab is another version's: ./dev xen-lab makes the lab anew");
}

static void lab_of_another_version(void **state)
{
        (void)state;
        lab_file_put("protocol", "1\n");
        error_expect("xen-lab-arm64/protocol says 1, expected 3: ./dev xen-lab makes it anew");
}

static void lab_of_before_versions(void **state)
{
        (void)state;
        unlink(in_scratch("cache/vmspec/xen-lab-arm64/protocol").text);
        error_expect("the Xen lab is of another version");
}

static void agent_does_not_answer(void **state)
{
        (void)state;
        expect_error("mute", "Xen's control domain did not come up within 3000 ms");
}

static void no_frame_comes(void **state)
{
        (void)state;
        expect_error("noise", "what came from Xen's control domain is no frame");
}

static void frame_of_the_wrong_side_comes(void **state)
{
        (void)state;
        expect_error("stranger", "Xen's control domain sent a frame that no agent sends");
}

static void control_domain_is_full(void **state)
{
        (void)state;
        expect_error("full", "the firmware cannot be copied: No space left on device");
}

static void control_domain_is_full_later(void **state)
{
        (void)state;
        expect_error("no-room",
                     "xl could not create the domain: exit status 1: /guest.cfg cannot be written: No space");
}

static void domain_is_larger_than_memory(void **state)
{
        (void)state;
        expect_error("too-large", "xl could not create the domain: exit status 3: libxl: error: libxl_mem.c:330: ins");
}

static void domain_crashes(void **state)
{
        (void)state;
        expect_error("crash", "the VM was stopped before the application ever started: crash");
}

static void agent_ends(void **state)
{
        (void)state;
        expect_error("gone", "Xen's control domain is gone");
}

static void control_domain_panics(void **state)
{
        (void)state;
        expect_error("panic", "Xen's control domain is gone");
}

static void lab_is_killed(void **state)
{
        (void)state;
        expect_error("killed", "killed by signal 9");
}

/* A lab that stands ready --------------------------------------------------------------------------------------------
 */

/* The second lane's lab is saved, and ends as it is told; what the journal says of it then. */
static void expect_of_saved(const char *habit, const char *words)
{
        char *journal;

        setenv("VMSPEC_LAB", habit, 1);
        assert_int_equal(
                RUN("run", "--machine", "bad", "--case", "VAR-01", "--case", "VAR-03", "--jobs", "1", "--out", out), 3);
        assert_one_sentence("Xen's control domain is gone");
        journal = file_text(in_scratch("out/journal.jsonl").text, NULL);
        assert_non_null(strstr(journal, "the lab that stood ready was "));
        assert_non_null(strstr(journal, words));
        free(journal);
}

static void saved_lab_goes_on(void **state)
{
        (void)state;
        expect_of_saved("gone", "the lab goes on from the one that was saved as it stood ready");
}

static void lab_that_is_not_saved_in_time_is_booted(void **state)
{
        (void)state;
        expect_of_saved("stuck", "the lab that stood ready was not saved: it took too long: it is booted");
}

static void saved_lab_that_does_not_answer_is_booted(void **state)
{
        (void)state;
        expect_of_saved("deaf", "the saved lab does not go on: its agent does not answer: it is booted");
}

static void saved_lab_that_ends_is_booted(void **state)
{
        (void)state;
        expect_of_saved("torn", "the saved lab does not go on: killed by signal");
}

/* The lab that is told of it ends at once: what it was told is in the journal. */
static void own_config_comes_first(void **state)
{
        char *journal;

        (void)state;
        own_put("acpi = 1\nmemory = 256\nname = \"mine\"\n", 36, STOCK);
        setenv("VMSPEC_LAB", "gone", 1);
        assert_int_equal(run_bad(), 3);
        journal = file_text(in_scratch("out/journal.jsonl").text, NULL);
        assert_non_null(strstr(journal, "acpi = 1"));
        assert_non_null(strstr(strstr(journal, "name = \\\"mine\\\""), "name = \\\"guest\\\""));
        assert_null(strstr(strstr(journal, "memory = 256") + 1, "memory = 256"));
        free(journal);
}

static int test_make(void **state)
{
        static struct path bin;
        char self[PATH_ROOM] = "";

        if (xen_set_up(state) || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 ||
            mkdir(in_scratch("bin").text, 0777))
                return -1;
        lab_files_put();
        bin = in_scratch("bin");
        path_override = bin.text;
        return symlink(self, in_scratch("bin/qemu-system-aarch64").text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_make, scratch_tear_down)

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                TEST(agent_of_another_version),
                TEST(agent_of_before_versions),
                TEST(lab_of_another_version),
                TEST(lab_of_before_versions),
                TEST(agent_does_not_answer),
                TEST(no_frame_comes),
                TEST(frame_of_the_wrong_side_comes),
                TEST(control_domain_is_full),
                TEST(control_domain_is_full_later),
                TEST(domain_is_larger_than_memory),
                TEST(domain_crashes),
                TEST(agent_ends),
                TEST(control_domain_panics),
                TEST(lab_is_killed),
                TEST(saved_lab_goes_on),
                TEST(lab_that_is_not_saved_in_time_is_booted),
                TEST(saved_lab_that_does_not_answer_is_booted),
                TEST(saved_lab_that_ends_is_booted),
                TEST(own_config_comes_first),
        };

        if (argc > 1 && strcmp(argv[0], "qemu-system-aarch64") == 0)
                return lab_run(argv + 1);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
