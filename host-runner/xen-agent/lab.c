/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first process of a control domain whose disks are the runner's, by their serials, and whose one virtio-serial
 * port leads to it. The machine ends with the agent.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "agent.h"

#define PORT_FOLDER "/sys/class/virtio-ports"
#define FIRMWARE "/firmware"
#define DOMAIN_NAME "guest"

static int port_open(void)
{
        DIR *folder = path_wait(PORT_FOLDER) ? opendir(PORT_FOLDER) : NULL;
        struct dirent *entry;
        char path[300];
        int port = -1;

        while (folder && (entry = readdir(folder)) && port < 0) {
                snprintf(path, sizeof(path), "/dev/%.200s", entry->d_name);
                if (entry->d_name[0] != '.')
                        port = open(path, O_RDWR | O_CLOEXEC);
        }
        if (folder)
                closedir(folder);
        return port;
}

/* The domain's firmware comes as a disk, and the toolstack wants a file. */
static bool firmware_copy(const char *disk)
{
        int from = open(disk, O_RDONLY | O_CLOEXEC), to = open(FIRMWARE, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        uint8_t bytes[65536];
        bool whole = from >= 0 && to >= 0;
        ssize_t got = 0;

        while (whole && (got = read(from, bytes, sizeof(bytes))) > 0) {
                errno = ENOSPC; /* which a write that is cut short does not say */
                whole = write(to, bytes, (size_t)got) == got;
        }
        if (!whole || got < 0)
                refuse("the firmware cannot be copied into the control domain: %s", strerror(errno));
        close(from);
        close(to);
        return whole && got == 0;
}

static bool places_add(void)
{
        char path[100], serial[40];
        bool whole = true;

        for (char letter = 'a'; letter <= 'h' && whole; letter++) {
                snprintf(path, sizeof(path), "/sys/block/vd%c/serial", letter);
                if (!line_read(path, serial, sizeof(serial)))
                        continue;
                snprintf(path, sizeof(path), "/dev/vd%c", letter);
                whole = strcmp(serial, "firmware") == 0 ? firmware_copy(path) : ready_add(serial, path);
        }
        return whole && ready_add("firmware", FIRMWARE) && ready_add("config", "/guest.cfg") &&
               ready_add("script", "/init") && ready_add("name", DOMAIN_NAME);
}

int lab_main(void)
{
        int port = dom0_start() ? port_open() : -1;

        if (port >= 0 && agent_begin(port, DOMAIN_NAME)) {
                if (places_add()) /* else it was said why not */
                        ready_tell();
                agent_serve();
        } else {
                fprintf(stderr, "agent: the control domain did not come up\n");
        }
        sync();
        (void)reboot(RB_POWER_OFF);
        return 1;
}
