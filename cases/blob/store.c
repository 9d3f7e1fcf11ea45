/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables as edk2 keeps them: MdeModulePkg VariableFormat.h in flash, OvmfPkg SerializeVariablesLib in a file. */
#include "blob.h"

#include <string.h>

#include "image.h"
#include "text.h"

enum {
        STORE_HEADER = 28,
        STORE_FORMATTED = 0x5a,
        STORE_HEALTHY = 0xfe,
        VARIABLE_START = 0x55aa,
        STATE_NOTHING = 0xff, /* the header itself was never finished */
        STATE_HEADER = 0x7f,
        ATTRIBUTES_KNOWN = 0x7f,
        NON_VOLATILE = 1,
};

static const uint8_t authenticated_guid[16] = {0x78, 0x2c, 0xf3, 0xaa, 0x7b, 0x94, 0x9a, 0x43,
                                               0xa1, 0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92};
static const uint8_t plain_guid[16] = {0x16, 0x36, 0xcf, 0xdd, 0x75, 0x32, 0x64, 0x41,
                                       0x98, 0xb6, 0xfe, 0x85, 0x70, 0x7f, 0xfe, 0x7d};

/* Where a variable's fields lie in its header. */
struct layout {
        unsigned name_size, data_size, guid, header;
};
static const struct layout plain_layout = {8, 12, 16, 32}, authenticated_layout = {36, 40, 44, 60};

bool blob_variable_is_live(const struct blob_variable *variable)
{
        return variable->state == BLOB_STATE_ADDED || variable->state == BLOB_STATE_REPLACED;
}

/* A name in UTF-16, of size bytes with the zero that ends it. */
static bool name_take(const uint8_t *name, uint64_t size, uint64_t at, char to[BLOB_NAME], struct blob_fault *fault)
{
        uint64_t length = size / 2 - 1;

        if (size % 2 || image_le16(name + 2 * length) != 0)
                return blob_fault(fault, at, "a name of 16-bit characters that ends with 0", "%llu bytes that do not",
                                  (unsigned long long)size);
        for (uint64_t i = 0; i < length; i++) {
                uint16_t character = image_le16(name + 2 * i);

                if (character == 0)
                        return blob_fault(fault, at + 2 * i, "a name without a 0 in its midst", "a 0");
                if (i + 1 < BLOB_NAME)
                        to[i] = character >= 0x20 && character < 0x7f ? (char)character : '?';
        }
        to[length < BLOB_NAME - 1 ? length : BLOB_NAME - 1] = 0;
        return true;
}

static bool store_header_check(struct bytes blob, const struct blob_volume *volume, struct blob_store *store,
                               struct blob_fault *fault)
{
        uint64_t room = volume->size - volume->header;
        const uint8_t *header = blob_at(blob, store->at, STORE_HEADER, "a variable store's header", fault);

        if (!header)
                return false;
        store->authenticated = memcmp(header, authenticated_guid, 16) == 0;
        if (!store->authenticated && memcmp(header, plain_guid, 16) != 0)
                return blob_fault(fault, store->at, "the GUID of a store of variables, plain or authenticated", "%s",
                                  text_guid(header).text);
        store->size = image_le32(header + 16);
        if (store->size < STORE_HEADER || store->size > room)
                return blob_fault(fault, store->at + 16, "a store that is not larger than what its volume has for it",
                                  "0x%x bytes of 0x%llx", store->size, (unsigned long long)room);
        if (header[20] != STORE_FORMATTED)
                return blob_fault(fault, store->at + 20, "0x5a: the store is formatted", "0x%02x", header[20]);
        if (header[21] != STORE_HEALTHY)
                return blob_fault(fault, store->at + 21, "0xfe: the store is healthy", "0x%02x", header[21]);
        return true;
}

/* The variable whose header is at variable->at; its end through ret_end. */
static bool variable_take(struct bytes store, const struct layout *layout, struct blob_variable *variable,
                          uint64_t *ret_end, struct blob_fault *fault)
{
        const uint8_t *header = blob_at(store, variable->at, layout->header, "a variable's header", fault), *rest;
        uint32_t name_size, data_size;

        if (!header)
                return false;
        *ret_end = variable->at + layout->header;
        variable->state = header[2];
        variable->attributes = image_le32(header + 4);
        name_size = image_le32(header + layout->name_size);
        data_size = image_le32(header + layout->data_size);
        if (variable->state == STATE_NOTHING)
                return true; /* power failed before its sizes counted: firmware goes on behind the header */
        if (variable->state & ~(unsigned)STATE_HEADER || (variable->state & 0x3c) != 0x3c)
                return blob_fault(fault, variable->at + 2, "a variable's state: 0x7f or 0x3f, less bits 0 and 1",
                                  "0x%02x", variable->state);
        if (variable->attributes & ~(uint32_t)ATTRIBUTES_KNOWN || !(variable->attributes & NON_VOLATILE))
                return blob_fault(fault, variable->at + 4, "attributes of a non-volatile variable", "0x%x",
                                  variable->attributes);
        if (name_size < 4)
                return blob_fault(fault, variable->at + layout->name_size, "a name of at least one character",
                                  "%u bytes", name_size);
        rest = blob_at(store, *ret_end, (uint64_t)name_size + data_size, "a variable's name and value", fault);
        if (!rest)
                return false;
        if (variable->state != STATE_HEADER && !name_take(rest, name_size, *ret_end, variable->name, fault))
                return false; /* where only the header counts, the rest may never have been written */
        memcpy(variable->guid, header + layout->guid, 16);
        variable->data = (struct bytes){rest + name_size, data_size};
        *ret_end += (uint64_t)name_size + data_size;
        return true;
}

/* Behind the last variable the flash is blank. */
static bool blank_check(struct bytes store, uint64_t at, struct blob_fault *fault)
{
        for (; at < store.size; at++)
                if (store.data[at] != 0xff)
                        return blob_fault(fault, at, "0xff behind the last variable, or 0x55aa where one begins",
                                          "0x%02x", store.data[at]);
        return true;
}

bool blob_store_read(struct bytes blob, const struct blob_volume *volume, struct blob_store *ret,
                     blob_variable_function *tell, void *context, struct blob_fault *fault)
{
        struct bytes store;
        uint64_t at, end = 0;

        *ret = (struct blob_store){.at = volume->at + volume->header};
        if (!store_header_check(blob, volume, ret, fault))
                return false;
        store = (struct bytes){blob.data, (size_t)(ret->at + ret->size)}; /* so that places are those of the blob */
        for (at = ret->at + STORE_HEADER; at + 2 <= store.size && image_le16(blob.data + at) == VARIABLE_START;) {
                struct blob_variable variable = {.at = at};

                if (!variable_take(store, ret->authenticated ? &authenticated_layout : &plain_layout, &variable, &end,
                                   fault))
                        return false;
                ret->variables++;
                ret->live += blob_variable_is_live(&variable);
                if (variable.state != STATE_NOTHING)
                        tell(context, &variable);
                at = ret->at + ((end - ret->at + 3) & ~UINT64_C(3));
        }
        ret->used = at - ret->at;
        return at >= store.size || blank_check(store, at, fault);
}

bool blob_nvvars_read(struct bytes blob, unsigned *ret, blob_variable_function *tell, void *context,
                      struct blob_fault *fault)
{
        *ret = 0;
        for (uint64_t at = 0; at < blob.size;) {
                struct blob_variable variable = {.at = at, .state = BLOB_STATE_ADDED};
                const uint8_t *size = blob_at(blob, at, 4, "the size of a name", fault), *name, *rest, *data;
                uint32_t name_size;

                if (!size)
                        return false;
                name_size = image_le32(size);
                if (name_size < 4)
                        return blob_fault(fault, at, "a name of at least one character", "%u bytes", name_size);
                name = blob_at(blob, at += 4, name_size, "a name", fault);
                if (!name || !name_take(name, name_size, at, variable.name, fault))
                        return false;
                rest = blob_at(blob, at += name_size, 24, "a GUID, attributes and the size of a value", fault);
                if (!rest)
                        return false;
                memcpy(variable.guid, rest, 16);
                variable.attributes = image_le32(rest + 16);
                if (variable.attributes & ~(uint32_t)ATTRIBUTES_KNOWN || !(variable.attributes & NON_VOLATILE))
                        return blob_fault(fault, at + 16, "attributes of a non-volatile variable", "0x%x",
                                          variable.attributes);
                variable.data.size = image_le32(rest + 20);
                data = blob_at(blob, at += 24, variable.data.size, "a value", fault);
                if (!data)
                        return false;
                variable.data.data = data;
                at += variable.data.size;
                tell(context, &variable);
                (*ret)++;
        }
        return true;
}
