/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring's other side is another domain: every index and length is taken as any number, and each wait has an end. */
#include "store.h"

#include "guest.h"
#include "xen.h"

/* struct xenstore_domain_interface, struct xsd_sockmsg. */
enum { RING = 1024, REQUESTS = 0, ANSWERS = 1024, SENT_TAKEN = 2048, SENT = 2052, TAKEN = 2056, GIVEN = 2060 };
enum { XS_READ = 2, XS_WRITE = 11, HEADER = 16, PAYLOAD_MAX = 4096, STRANGERS_MAX = 64, PATIENCE_MS = 5000 };
enum { FIRST_REQUEST = 0x56530000 };

bool xen_store_find(struct guest *g, struct xen_store *ret)
{
        uint64_t page, port;

        *ret = (struct xen_store){.g = g, .request = FIRST_REQUEST};
        if (!xen_parameter(XEN_STORE_PAGE, &page) || !page || !xen_parameter(XEN_STORE_EVENT, &port))
                return false;
        ret->page = (volatile uint8_t *)(uintptr_t)(page * 4096);
        ret->port = (uint32_t)port;
        return true;
}

static uint32_t index_read(const struct xen_store *store, unsigned at)
{
        return __atomic_load_n((volatile uint32_t *)(uintptr_t)(store->page + at), __ATOMIC_ACQUIRE);
}

static void index_write(const struct xen_store *store, unsigned at, uint32_t value)
{
        __atomic_store_n((volatile uint32_t *)(uintptr_t)(store->page + at), value, __ATOMIC_RELEASE);
}

static bool room_is_there(void *context)
{
        const struct xen_store *store = context;

        return index_read(store, SENT) - index_read(store, SENT_TAKEN) < RING;
}

static bool bytes_are_there(void *context)
{
        const struct xen_store *store = context;

        return index_read(store, GIVEN) != index_read(store, TAKEN);
}

static bool bytes_send(struct xen_store *store, const void *from, size_t size)
{
        const uint8_t *bytes = from;

        for (size_t i = 0; i < size; i++) {
                uint32_t sent = index_read(store, SENT);

                if (!guest_wait(store->g, PATIENCE_MS, room_is_there, store))
                        return false;
                store->page[REQUESTS + sent % RING] = bytes[i];
                index_write(store, SENT, sent + 1);
        }
        return xen_event_send(store->port);
}

/* to has room for room bytes: what is more is thrown away. */
static bool bytes_take(struct xen_store *store, uint8_t *to, size_t room, size_t size)
{
        for (size_t i = 0; i < size; i++) {
                uint32_t taken = index_read(store, TAKEN);

                if (!guest_wait(store->g, PATIENCE_MS, bytes_are_there, store))
                        return false;
                if (i < room)
                        to[i] = store->page[ANSWERS + taken % RING];
                index_write(store, TAKEN, taken + 1);
        }
        return xen_event_send(store->port);
}

/* The answer to the last request: what watches say, and what others asked for, goes by. */
static bool answer_take(struct xen_store *store, uint32_t type, uint8_t *to, size_t room, size_t *ret_size)
{
        uint8_t header[HEADER];

        for (unsigned strangers = 0; strangers < STRANGERS_MAX; strangers++) {
                uint32_t size;

                if (!bytes_take(store, header, HEADER, HEADER))
                        return false;
                size = wire_get32(header + 12);
                if (size > PAYLOAD_MAX || !bytes_take(store, to, room, size))
                        return false;
                *ret_size = size < room ? size : room;
                if (wire_get32(header + 4) == store->request)
                        return wire_get32(header) == type;
        }
        return false;
}

static bool request_send(struct xen_store *store, uint32_t type, const char *path, const char *value)
{
        size_t length = strlen(path) + 1, more = value ? strlen(value) : 0;
        uint8_t header[HEADER] = {0};

        wire_put32(header, type);
        wire_put32(header + 4, ++store->request);
        wire_put32(header + 12, (uint32_t)(length + more));
        return bytes_send(store, header, HEADER) && bytes_send(store, path, length) &&
               bytes_send(store, value ? value : "", more);
}

bool xen_store_read(struct xen_store *store, const char *path, char ret[XEN_STORE_VALUE])
{
        size_t size = 0;
        bool read = request_send(store, XS_READ, path, NULL) &&
                    answer_take(store, XS_READ, (uint8_t *)ret, XEN_STORE_VALUE - 1, &size);

        ret[read ? size : 0] = 0;
        return read;
}

bool xen_store_write(struct xen_store *store, const char *path, const char *value)
{
        uint8_t answer[4];
        size_t size;

        return request_send(store, XS_WRITE, path, value) &&
               answer_take(store, XS_WRITE, answer, sizeof(answer), &size);
}
