/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames come whole however their bytes are cut, and what is no frame loses the channel. */
#include "xen_frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[2 * (XEN_FRAME_HEADER + XEN_FRAME_MAX)];
static struct xen_frame_reader reader;

static size_t frame_put(uint8_t *to, enum xen_frame_type type, const char *text)
{
        size_t size = strlen(text);

        xen_frame_header(to, type, (const uint8_t *)text, size);
        memcpy(to + XEN_FRAME_HEADER, text, size);
        return XEN_FRAME_HEADER + size;
}

static void two_frames_in_pieces(void **state)
{
        static const char *const texts[] = {"first", ""};

        (void)state;
        for (size_t piece = 1; piece < 2 * XEN_FRAME_HEADER + 6; piece++) {
                size_t size = frame_put(bytes, XEN_FRAME_CONSOLE, texts[0]), taken = 0;
                struct xen_frame frame;

                size += frame_put(bytes + size, XEN_FRAME_BYTES, texts[1]);
                reader = (struct xen_frame_reader){.have = 0};
                for (size_t at = 0; at < size; at += piece) {
                        size_t part = size - at < piece ? size - at : piece;

                        assert_int_equal(xen_frame_feed(&reader, bytes + at, part), part);
                        while (xen_frame_take(&reader, &frame) == 1) {
                                assert_int_equal(frame.size, strlen(texts[taken]));
                                assert_memory_equal(frame.payload, texts[taken], frame.size);
                                assert_int_equal(frame.type, taken ? XEN_FRAME_BYTES : XEN_FRAME_CONSOLE);
                                taken++;
                        }
                }
                assert_int_equal(taken, 2);
        }
}

static void longest_frame(void **state)
{
        size_t size = XEN_FRAME_HEADER + XEN_FRAME_MAX;
        struct xen_frame frame;

        (void)state;
        memset(bytes, 'x', sizeof(bytes));
        xen_frame_header(bytes, XEN_FRAME_BYTES, bytes + XEN_FRAME_HEADER, XEN_FRAME_MAX);
        reader = (struct xen_frame_reader){.have = 0};
        assert_int_equal(xen_frame_feed(&reader, bytes, sizeof(bytes)), size);
        assert_int_equal(xen_frame_take(&reader, &frame), 1);
        assert_int_equal(frame.size, XEN_FRAME_MAX);
}

/* Every bit of a frame counts: with one turned over nothing is taken, or more bytes are waited for. */
static void turned_bits(void **state)
{
        size_t size = frame_put(bytes, XEN_FRAME_EXIT, "12345678");
        struct xen_frame frame;

        (void)state;
        for (size_t bit = 0; bit < 8 * size; bit++) {
                int result;

                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                reader = (struct xen_frame_reader){.have = 0};
                assert_int_equal(xen_frame_feed(&reader, bytes, size), size);
                result = xen_frame_take(&reader, &frame);
                assert_true(result <= 0 || (bit / 8 == 4 && frame.type != XEN_FRAME_EXIT));
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}

static void too_long_is_refused_at_once(void **state)
{
        struct xen_frame frame;

        (void)state;
        (void)frame_put(bytes, XEN_FRAME_RUN, "");
        bytes[8] = 1;
        bytes[9] = 0x40; /* one more than XEN_FRAME_MAX */
        reader = (struct xen_frame_reader){.have = 0};
        assert_int_equal(xen_frame_feed(&reader, bytes, XEN_FRAME_HEADER), XEN_FRAME_HEADER);
        assert_int_equal(xen_frame_take(&reader, &frame), -EPROTO);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(two_frames_in_pieces),
                cmocka_unit_test(longest_frame),
                cmocka_unit_test(turned_bits),
                cmocka_unit_test(too_long_is_refused_at_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
