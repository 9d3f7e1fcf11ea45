/* SPDX-License-Identifier: BSD-2-Clause */
/* What a QEMU is told of a move, in which order and with which descriptor; each answer of it comes to one end. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "qemu_private.h"
#include "suite_disk.h"
#include "wire.h"

/* The other end of the socket: what it was told, as "command command", and what it says to some of them. */
struct peer {
        struct loop *loop;
        int fd;
        int passed; /* the descriptor that came in */
        char told[300];
        const char *word;   /* a command that is not simply done */
        const char *answer; /* but answered so */
        const char *event;  /* what comes when a move was begun */
        bool over;
        char line[4096]; /* that is not whole yet */
        size_t length;
};

static void peer_say(struct peer *peer, const char *text)
{
        assert_int_equal(send(peer->fd, text, strlen(text), 0), strlen(text));
}

static void peer_obey(struct peer *peer, const json_t *command)
{
        const char *name = json_string_value(json_object_get(command, "execute"));
        bool other = peer->word && strcmp(name, peer->word) == 0;
        bool begun = strcmp(name, "migrate") == 0 || strcmp(name, "migrate-incoming") == 0;
        char text[300];

        snprintf(peer->told + strlen(peer->told), sizeof(peer->told) - strlen(peer->told), "%s ", name);
        snprintf(text, sizeof(text), "{\"id\": %d, %s}\n", (int)json_integer_value(json_object_get(command, "id")),
                 other ? peer->answer : "\"return\": {}");
        peer_say(peer, text);
        if (begun && !other)
                peer_say(peer, peer->event);
}

static void peer_lines(struct peer *from)
{
        for (char *end; (end = memchr(from->line, '\n', from->length));) {
                size_t length = (size_t)(end - from->line) + 1;
                json_t *command = json_loadb(from->line, length, 0, NULL);

                assert_non_null(command);
                memmove(from->line, end + 1, from->length - length);
                from->length -= length;
                peer_obey(from, command);
                json_decref(command);
        }
}

static void peer_readable(void *context, short events)
{
        struct peer *to = context;
        char control[CMSG_SPACE(sizeof(int))];
        struct iovec room = {to->line + to->length, sizeof(to->line) - to->length};
        struct msghdr message = {
                .msg_iov = &room, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
        ssize_t got = recvmsg(to->fd, &message, 0);

        (void)events;
        assert_true(got > 0);
        if (CMSG_FIRSTHDR(&message)) {
                assert_int_equal(to->passed, -1);
                assert_non_null(memmem(room.iov_base, (size_t)got, "getfd", 5));
                memcpy(&to->passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
        }
        to->length += (size_t)got;
        peer_lines(to);
}

/* The VM's side ---------------------------------------------------------------------------------------------------- */

static struct peer peer;
static struct vm vm;
static char answered[200], heard[200];

static void peer_over(void *context)
{
        ((struct peer *)context)->over = true;
}

static void move_answered(void *context, const char *error)
{
        (void)context;
        snprintf(answered + strlen(answered), sizeof(answered) - strlen(answered), "%s;", error ? error : "saved");
        peer.over = true;
}

static void vm_heard(void *context, enum vm_event event, const char *detail)
{
        (void)context;
        snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), "%s%s;",
                 event == VM_ARRIVED   ? "arrived"
                 : event == VM_STOPPED ? "stopped: "
                                       : "other: ",
                 detail);
        peer.over |= event != VM_OTHER;
}

/* A VM with a peer for its QEMU, as far as one needs it here. */
static void vm_make(int incoming, const char *word, const char *answer, const char *event)
{
        int pair[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        peer = (struct peer){peer.loop, .fd = pair[1], .passed = -1, .word = word, .answer = answer, .event = event};
        answered[0] = heard[0] = 0;
        assert_int_equal(loop_watch(peer.loop, peer.fd, POLLIN, peer_readable, &peer), 0);
        assert_int_equal(loop_timer_set(peer.loop, 5000, peer_over, &peer), 0);
        vm = (struct vm){.loop = peer.loop, .event = vm_heard, .config = {.incoming = incoming}, .pid = 1};
        vm.qmp = qmp_new(peer.loop, pair[0], qemu_event, &vm);
        assert_non_null(vm.qmp);
}

static void vm_run(void)
{
        assert_int_equal(loop_run(peer.loop, &peer.over), 0);
        loop_timer_clear(peer.loop, peer_over, &peer);
        vm.pid = 0;
        loop_unwatch(peer.loop, peer.fd);
        qmp_free(vm.qmp);
        close(peer.fd);
}

/* A guest's way out, until somebody is told of its end. */
static void move_out(const char *word, const char *answer, const char *event)
{
        int stream = private_file(4096);
        struct stat ours, theirs;

        vm_make(-1, word, answer, event);
        qemu_migrate(&vm, stream, move_answered, NULL);
        vm_run();
        if (peer.passed >= 0) {
                assert_int_equal(fstat(stream, &ours) | fstat(peer.passed, &theirs), 0);
                assert_int_equal(ours.st_ino, theirs.st_ino);
                close(peer.passed);
        }
        close(stream);
}

#define TOLD_ALL "qmp_capabilities query-migrate stop migrate-set-capabilities migrate-set-parameters getfd migrate "

static void guest_is_saved(void **state)
{
        (void)state;
        move_out(NULL, NULL,
                 "{\"event\": \"STOP\"}\n{\"event\": \"MIGRATION\", \"data\": {\"status\": \"active\"}}\n"
                 "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\n");
        assert_string_equal(answered, "saved;");
        assert_string_equal(heard, "");
        assert_string_equal(peer.told, TOLD_ALL);
        assert_true(peer.passed >= 0);
}

/* Nothing is stopped where it is known before that it would be in vain. */
static void machine_that_stays_is_named(void **state)
{
        (void)state;
        move_out("query-migrate", "\"return\": {\"blocked-reasons\": [\"a disk\", \"another\"]}", NULL);
        assert_string_equal(answered, WIRE_NOT_MIGRATABLE "a disk;");
        assert_string_equal(peer.told, "qmp_capabilities query-migrate ");
        assert_int_equal(peer.passed, -1);
}

static void refusal_is_told_once(void **state)
{
        (void)state;
        move_out("getfd", "\"error\": {\"desc\": \"no descriptor\"}",
                 "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"failed\"}}\n");
        assert_string_equal(answered, "no descriptor;");
        move_out(NULL, NULL, "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"failed\"}}\n");
        assert_string_equal(answered, "the VMM does not say why;");
        assert_string_equal(peer.told, TOLD_ALL "query-migrate ");
}

/* And its way in. */
static void move_in(const char *word, const char *answer, const char *event)
{
        vm_make(7, word, answer, event);
        qemu_receive(&vm);
        vm_run();
}

static void guest_arrives_when_it_runs(void **state)
{
        static const char completed[] = "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\n",
                          running[] = "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\n"
                                      "{\"event\": \"RESUME\"}\n";

        (void)state;
        move_in(NULL, NULL, running);
        assert_string_equal(heard, "arrived;");
        move_in("migrate-incoming", "\"error\": {\"desc\": \"no stream\"}", NULL);
        assert_string_equal(heard, "stopped: no stream;");
        move_in("cont", "\"error\": {\"desc\": \"the disk is locked\"}", completed);
        assert_string_equal(heard, "stopped: the disk is locked;");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(guest_is_saved),
                cmocka_unit_test(machine_that_stays_is_named),
                cmocka_unit_test(refusal_is_told_once),
                cmocka_unit_test(guest_arrives_when_it_runs),
        };

        peer.loop = loop_new();
        return peer.loop ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
