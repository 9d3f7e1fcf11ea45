/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies and events never get lost behind each other, however the bytes are cut on the socket. */
#include "qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 * 1024, PENDING = 16 };

struct pending {
        bool used;
        int id;
        qmp_reply_function *reply;
        void *context;
};

struct qmp {
        struct loop *loop;
        int fd;
        qmp_event_function *event;
        void *context;
        char *line;
        size_t length;
        size_t room;
        int next_id;
        struct pending pending[PENDING];
        bool ended;
        bool ready;
};

static void qmp_end(struct qmp *qmp)
{
        if (qmp->ended)
                return;
        qmp->ended = true;
        loop_unwatch(qmp->loop, qmp->fd);
        qmp->event(qmp->context, "", NULL);
}

static void qmp_reply(struct qmp *qmp, const json_t *message)
{
        const json_t *error = json_object_get(message, "error");
        int id = (int)json_integer_value(json_object_get(message, "id"));
        const char *text = json_string_value(json_object_get(error, "desc"));

        for (unsigned i = 0; i < PENDING; i++) {
                struct pending pending = qmp->pending[i];

                if (!pending.used || pending.id != id)
                        continue;
                qmp->pending[i] = (struct pending){0};
                if (pending.reply)
                        pending.reply(pending.context, json_object_get(message, "return"),
                                      error ? text ? text : "an error without a description" : NULL);
                return;
        }
}

/* False where the line was no QMP. */
static bool qmp_line(struct qmp *qmp, const char *line, size_t length)
{
        json_t *message = json_loadb(line, length, 0, NULL);
        const char *event;

        if (!json_is_object(message)) {
                json_decref(message);
                return false;
        }
        event = json_object_get(message, "QMP") ? "QMP" : json_string_value(json_object_get(message, "event"));
        if (event && strcmp(event, "QMP") == 0)
                qmp->event(qmp->context, event, json_object_get(message, "QMP"));
        else if (event)
                qmp->event(qmp->context, event, json_object_get(message, "data"));
        else if (json_object_get(message, "return") || json_object_get(message, "error"))
                qmp_reply(qmp, message);
        json_decref(message);
        return true;
}

static bool qmp_room(struct qmp *qmp)
{
        char *grown;

        if (qmp->room - qmp->length >= 4096)
                return true;
        if (qmp->room >= LINE_MAX_BYTES)
                return false;
        grown = realloc(qmp->line, qmp->room + 16384);
        if (!grown)
                return false;
        qmp->line = grown;
        qmp->room += 16384;
        return true;
}

/* One read, and what became whole by it; false where there was nothing to read, now or ever. */
static bool qmp_read(struct qmp *qmp)
{
        ssize_t got;
        char *end;

        got = qmp_room(qmp) ? recv(qmp->fd, qmp->line + qmp->length, qmp->room - qmp->length, MSG_DONTWAIT) : 0;
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
                return errno == EINTR;
        if (got <= 0) {
                qmp_end(qmp);
                return false;
        }
        qmp->length += (size_t)got;
        while (!qmp->ended && (end = memchr(qmp->line, '\n', qmp->length))) {
                size_t length = (size_t)(end - qmp->line);
                char *line = strndup(qmp->line, length);

                memmove(qmp->line, end + 1, qmp->length - length - 1);
                qmp->length -= length + 1;
                if (!line || !qmp_line(qmp, line, strlen(line)))
                        qmp_end(qmp);
                free(line);
        }
        return true;
}

static void qmp_readable(void *context, short events)
{
        (void)events;
        (void)qmp_read(context);
}

void qmp_drain(struct qmp *qmp)
{
        while (!qmp->ended && qmp_read(qmp))
                ;
}

static void capabilities_told(void *context, const json_t *value, const char *error)
{
        struct qmp *qmp = context;

        (void)value;
        qmp->ready = !error;
}

bool qmp_is_ready(const struct qmp *qmp)
{
        return qmp->ready;
}

struct qmp *qmp_new(struct loop *loop, int fd, qmp_event_function *event, void *context)
{
        struct qmp *qmp = calloc(1, sizeof(*qmp));

        if (!qmp) {
                close(fd);
                return NULL;
        }
        qmp->loop = loop;
        qmp->fd = fd;
        qmp->event = event;
        qmp->context = context;
        if (loop_watch(loop, fd, POLLIN, qmp_readable, qmp)) {
                qmp_free(qmp);
                return NULL;
        }
        /* A peer that is gone already ends the connection: that is its event, not a failure here. */
        (void)qmp_command(qmp, "qmp_capabilities", NULL, capabilities_told, qmp);
        return qmp;
}

void qmp_free(struct qmp *qmp)
{
        if (!qmp)
                return;
        loop_unwatch(qmp->loop, qmp->fd);
        for (unsigned i = 0; i < PENDING; i++)
                if (qmp->pending[i].used && qmp->pending[i].reply)
                        qmp->pending[i].reply(qmp->pending[i].context, NULL, "the connection ended");
        close(qmp->fd);
        free(qmp->line);
        free(qmp);
}

/* Sends some of the bytes, and with their first one a copy of the descriptor fd, -1: none. */
static ssize_t qmp_send_some(const struct qmp *qmp, const char *text, size_t length, int fd)
{
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(sizeof(int))];
        } control = {.room = {0}};
        struct iovec bytes = {(char *)(uintptr_t)text, length};
        struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};

        if (fd >= 0) {
                struct cmsghdr *header;

                message.msg_control = &control;
                message.msg_controllen = sizeof(control.room);
                header = CMSG_FIRSTHDR(&message);
                header->cmsg_level = SOL_SOCKET;
                header->cmsg_type = SCM_RIGHTS;
                header->cmsg_len = CMSG_LEN(sizeof(int));
                memcpy(CMSG_DATA(header), &fd, sizeof(int));
        }
        return sendmsg(qmp->fd, &message, MSG_NOSIGNAL);
}

static int qmp_send(const struct qmp *qmp, const char *text, size_t length, int fd)
{
        while (length) {
                ssize_t sent = qmp_send_some(qmp, text, length, fd);

                if (sent < 0 && errno == EINTR)
                        continue;
                if (sent < 0)
                        return -errno;
                text += sent;
                length -= (size_t)sent;
                fd = -1; /* it went with the first byte */
        }
        return 0;
}

int qmp_command(struct qmp *qmp, const char *name, json_t *arguments, qmp_reply_function *reply, void *context)
{
        return qmp_command_fd(qmp, name, arguments, -1, reply, context);
}

int qmp_command_fd(struct qmp *qmp, const char *name, json_t *arguments, int fd, qmp_reply_function *reply,
                   void *context)
{
        json_t *message = json_pack("{s:s, s:i, s:o*}", "execute", name, "id", ++qmp->next_id, "arguments", arguments);
        char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
        int result = -ENOMEM;

        json_decref(message);
        for (unsigned i = 0; text && i < PENDING; i++) {
                if (qmp->pending[i].used)
                        continue;
                qmp->pending[i] = (struct pending){true, qmp->next_id, reply, context};
                result = qmp_send(qmp, text, strlen(text), fd);
                if (!result)
                        result = qmp_send(qmp, "\n", 1, -1);
                if (result)
                        qmp->pending[i] = (struct pending){0};
                break;
        }
        free(text);
        return result;
}
