/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server says is believed only as far as its reply fits the question; it lives no longer than the connection.
 */
#include "nbd.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "loop.h"
#include "text.h"

enum {
        REPLY_SECONDS = 10,
        TOTAL_SECONDS = 60,
        PROCESSOR_SECONDS = 60,
        CHUNK = 1 << 20,
        /* the places of the descriptors in the server; socket activation begins at 3 */
        SERVER_LISTENS = 3,
        SERVER_FILE = 4,
        OPTION_EXPORT_NAME = 1,
        FIXED_NEWSTYLE = 1,
        NO_ZEROES = 2,
        COMMAND_READ = 0,
};

static const uint32_t request_magic = 0x25609513, reply_magic = 0x67446698;

static bool bytes_read(struct nbd *nbd, void *to, size_t size)
{
        for (size_t done = 0; done < size;) {
                ssize_t got = recv(nbd->fd, (uint8_t *)to + done, size - done, 0);

                if (got <= 0 && !(got < 0 && errno == EINTR))
                        return false;
                if (loop_now() > nbd->deadline)
                        return false;
                done += got > 0 ? (size_t)got : 0;
        }
        return true;
}

static bool bytes_send(const struct nbd *nbd, const void *from, size_t size)
{
        return send(nbd->fd, from, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Fixed newstyle, the default export. */
static bool handshake(struct nbd *nbd)
{
        uint8_t hello[18], choice[4 + 16], about[10];
        uint16_t flags;
        uint32_t client, option = htobe32(OPTION_EXPORT_NAME), length = 0;
        uint8_t zeroes[124];

        if (!bytes_read(nbd, hello, sizeof(hello)) || memcmp(hello, "NBDMAGICIHAVEOPT", 16) != 0)
                return false;
        flags = (uint16_t)(hello[16] << 8 | hello[17]);
        if (!(flags & FIXED_NEWSTYLE))
                return false;
        client = htobe32(flags & (FIXED_NEWSTYLE | NO_ZEROES));
        memcpy(choice, &client, 4);
        memcpy(choice + 4, "IHAVEOPT", 8);
        memcpy(choice + 12, &option, 4);
        memcpy(choice + 16, &length, 4);
        if (!bytes_send(nbd, choice, sizeof(choice)) || !bytes_read(nbd, about, sizeof(about)))
                return false;
        if (!(flags & NO_ZEROES) && !bytes_read(nbd, zeroes, sizeof(zeroes)))
                return false;
        memcpy(&nbd->size, about, 8);
        nbd->size = be64toh(nbd->size);
        return nbd->size <= INT64_MAX;
}

static bool chunk_read(struct nbd *nbd, uint64_t offset, void *to, uint32_t size)
{
        uint8_t request[28] = {0}, reply[16];
        uint32_t magic = htobe32(request_magic), length = htobe32(size), got;
        uint64_t cookie = ++nbd->cookie, at = htobe64(offset);

        memcpy(request, &magic, 4);
        request[7] = COMMAND_READ;
        memcpy(request + 8, &cookie, 8);
        memcpy(request + 16, &at, 8);
        memcpy(request + 24, &length, 4);
        if (!bytes_send(nbd, request, sizeof(request)) || !bytes_read(nbd, reply, sizeof(reply)))
                return false;
        memcpy(&got, reply, 4);
        return be32toh(got) == reply_magic && memcmp(reply + 4, "\0\0\0\0", 4) == 0 &&
               memcmp(reply + 8, &cookie, 8) == 0 && bytes_read(nbd, to, size);
}

bool nbd_read(struct nbd *nbd, uint64_t offset, void *to, size_t size)
{
        bool held = nbd->fd >= 0;

        for (size_t done = 0; done < size && held;) {
                uint32_t part = size - done < CHUNK ? (uint32_t)(size - done) : CHUNK;

                held = loop_now() < nbd->deadline && chunk_read(nbd, offset + done, (uint8_t *)to + done, part);
                done += part;
        }
        if (!held && nbd->fd >= 0) { /* a late reply would be taken for another's */
                close(nbd->fd);
                nbd->fd = -1;
        }
        return held;
}

/* A socket that listens and one that has connected to it; its name is gone before the server begins. */
static int sockets_pair(int *ret_listens, int *ret_connects)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        char folder[] = "/tmp/vmspec-nbd-XXXXXX";
        struct timeval patience = {.tv_sec = REPLY_SECONDS};
        int listens, connects, status = 0;

        if (!mkdtemp(folder))
                return -errno;
        snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
        listens = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        connects = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (listens < 0 || connects < 0 || bind(listens, (struct sockaddr *)&address, sizeof(address)) ||
            listen(listens, 1) || connect(connects, (struct sockaddr *)&address, sizeof(address)) ||
            setsockopt(connects, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
            setsockopt(connects, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)))
                status = -errno;
        unlink(address.sun_path);
        rmdir(folder);
        if (status < 0) {
                close(listens);
                close(connects);
                return status;
        }
        *ret_listens = listens;
        *ret_connects = connects;
        return 0;
}

/* In the child. The file is one that is open already: no name in it is followed, and no backing file is opened. */
static void server_begin(pid_t parent, int listens, int file, int says, const char *format)
{
        struct rlimit limit = {PROCESSOR_SECONDS, PROCESSOR_SECONDS};
        char words[200], pid[16];
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        int l = fcntl(listens, F_DUPFD_CLOEXEC, 10), f = fcntl(file, F_DUPFD_CLOEXEC, 10);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || l < 0 || f < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 ||
            dup2(says, 2) < 0 || dup2(l, SERVER_LISTENS) < 0 || dup2(f, SERVER_FILE) < 0)
                _exit(126);
        setrlimit(RLIMIT_CPU, &limit);
        snprintf(words, sizeof(words),
                 "json:{\"driver\":\"%s\",\"backing\":null,\"file\":{\"driver\":\"file\","
                 "\"filename\":\"/proc/self/fd/%d\"}}",
                 format, SERVER_FILE);
        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        setenv("LISTEN_PID", pid, 1);
        setenv("LISTEN_FDS", "1", 1);
        execlp("qemu-nbd", "qemu-nbd", "--read-only", words, (char *)NULL);
        dprintf(2, "qemu-nbd cannot be started: %s; it is needed to read such an image\n", strerror(errno));
        _exit(127);
}

static int server_start(struct nbd *nbd, int fd, const char *format, int *ret_says)
{
        int listens = -1, says[2], status = sockets_pair(&listens, &nbd->fd);
        pid_t parent = getpid();

        if (status < 0)
                return status;
        if (pipe2(says, O_CLOEXEC | O_NONBLOCK) < 0) {
                status = -errno;
                close(listens);
                close(nbd->fd);
                return status;
        }
        nbd->server = fork();
        if (nbd->server == 0)
                server_begin(parent, listens, fd, says[1], format);
        status = nbd->server < 0 ? -errno : 0;
        close(says[1]);
        close(listens);
        if (status < 0) {
                close(says[0]);
                close(nbd->fd);
                return status;
        }
        *ret_says = says[0];
        return 0;
}

/* The server's first line, without its own name and the file's, as one sentence of printable ASCII. */
static void complaint_read(int says, char *why, size_t why_size)
{
        char text[400];
        ssize_t got = read(says, text, sizeof(text) - 1);
        char *begin = text, *end;

        text[got > 0 ? got : 0] = 0;
        end = strchr(text, '\n');
        if (end)
                *end = 0;
        if (strncmp(begin, "qemu-nbd: ", 10) == 0)
                begin += 10;
        end = strstr(begin, "': "); /* behind the words that it was given */
        if (end)
                begin = end + 3;
        if (*begin)
                text_escape(why, why_size, begin, strlen(begin));
        else
                text_format(why, why_size, "qemu-nbd gave no answer within %u s", (unsigned)REPLY_SECONDS);
}

int nbd_open(struct nbd *ret_nbd, int fd, const char *format, char *why, size_t why_size)
{
        struct nbd nbd = {.fd = -1, .deadline = loop_now() + TOTAL_SECONDS * UINT64_C(1000000000)};
        int says = -1, status = server_start(&nbd, fd, format, &says);

        if (status < 0) {
                text_format(why, why_size, "qemu-nbd cannot be started: %s", strerror(-status));
                return status;
        }
        if (handshake(&nbd)) {
                *ret_nbd = nbd;
        } else {
                nbd_close(&nbd);
                complaint_read(says, why, why_size);
                status = -EMEDIUMTYPE;
        }
        close(says);
        return status;
}

void nbd_close(struct nbd *nbd)
{
        int status;

        if (nbd->fd >= 0)
                close(nbd->fd);
        nbd->fd = -1;
        kill(nbd->server, SIGKILL);
        while (waitpid(nbd->server, &status, 0) < 0 && errno == EINTR)
                continue;
}
