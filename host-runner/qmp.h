/* SPDX-License-Identifier: BSD-2-Clause */
/* A QMP client on a connected socket: newline-framed JSON, replies matched by id, events as they come. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "loop.h"

struct qmp;

/* The reply to a command: value is "return" where error is NULL; both are borrowed. */
typedef void qmp_reply_function(void *context, const json_t *value, const char *error);
/* name "QMP": the greeting, whose data has the version. name "" with data NULL: the connection ended, or the peer spoke
 * no QMP. */
typedef void qmp_event_function(void *context, const char *name, const json_t *data);

/* Takes over fd, which it closes in any case. NULL where memory is out. Commands may be sent at once: they wait for the
 * greeting. */
struct qmp *qmp_new(struct loop *loop, int fd, qmp_event_function *event, void *context);
/* True once the peer has answered: it has come up as far as its main loop. */
bool qmp_is_ready(const struct qmp *qmp);
/* Takes what the peer has sent so far, without waiting. */
void qmp_drain(struct qmp *qmp);
/* What was not answered yet is answered with an error. Not to be called from an event or a reply. */
void qmp_free(struct qmp *qmp);

/* Sends a command; takes over arguments (may be NULL). reply may be NULL. 0 or a negative errno. */
int qmp_command(struct qmp *qmp, const char *name, json_t *arguments, qmp_reply_function *reply, void *context);
/* The same, with a copy of the descriptor fd for the peer, as "getfd" takes one over a UNIX socket; fd stays ours. */
int qmp_command_fd(struct qmp *qmp, const char *name, json_t *arguments, int fd, qmp_reply_function *reply,
                   void *context);
