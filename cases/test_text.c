/* SPDX-License-Identifier: BSD-2-Clause */
/* Every conversion that the header promises comes out so, and nothing is written past the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"

#define EXPECT(want, ...)                                                                                              \
        do {                                                                                                           \
                char text_[64];                                                                                        \
                assert_int_equal(text_format(text_, sizeof(text_), __VA_ARGS__), strlen(want));                        \
                assert_string_equal(text_, want);                                                                      \
        } while (0)

static void test_format(void **state)
{
        (void)state;
        EXPECT("plain", "plain");
        EXPECT("a word b", "a %s b", "word");
        EXPECT("[  word]", "[%6s]", "word");
        EXPECT("[wo]", "[%.2s]", "word");
        EXPECT("[  wo]", "[%4.2s]", "word");
        EXPECT("x", "%c", 'x');
        EXPECT("100%", "100%%");
        EXPECT("0 -1 2147483647 -2147483648", "%d %d %d %d", 0, -1, 2147483647, -2147483647 - 1);
        EXPECT("4294967295 deadbeef", "%u %x", 4294967295u, 0xdeadbeefu);
        EXPECT("[  42] [0042] [-042] [ -42]", "[%4d] [%04d] [%04d] [%4d]", 42, 42, -42, -42);
        EXPECT("[00ff] [  ff]", "[%04x] [%4x]", 255u, 255u);
        EXPECT("-9223372036854775808", "%lld", (long long)INT64_MIN);
        EXPECT("18446744073709551615 ffffffffffffffff", "%llu %llx", ~0ull, ~0ull);
        EXPECT("7 -7 8", "%lu %ld %lx", 7ul, -7l, 8ul);
}

static void test_precision_reads_no_further(void **state)
{
        const char unterminated[3] = {'a', 'b', 'c'};

        (void)state;
        EXPECT("abc", "%.3s", unterminated);
}

static void test_format_is_cut(void **state)
{
        (void)state;
        for (size_t size = 1; size < 12; size++) {
                char text[12];

                memset(text, '!', sizeof(text));
                assert_int_equal(text_format(text, size, "%s%04x", "hello", 0xabcdu), size - 1 < 9 ? size - 1 : 9);
                assert_int_equal(strlen(text), size - 1 < 9 ? size - 1 : 9);
                assert_memory_equal(text, "helloabcd", strlen(text));
                for (size_t i = size; i < sizeof(text); i++)
                        assert_int_equal(text[i], '!');
        }
        assert_int_equal(text_format(NULL, 0, "nothing"), 0);
}

static void test_copy(void **state)
{
        char text[4];

        (void)state;
        assert_int_equal(text_copy(text, sizeof(text), "ab"), 2);
        assert_string_equal(text, "ab");
        assert_int_equal(text_copy(text, sizeof(text), "abcdef"), 3);
        assert_string_equal(text, "abc");
        assert_int_equal(text_copy(text, sizeof(text), "%s%n"), 3);
        assert_string_equal(text, "%s%");
}

static void test_escape(void **state)
{
        static const char bytes[] = "a\\\x1b[0m\n\xff\0z~";
        char text[64];
        size_t length;

        (void)state;
        length = text_escape(text, sizeof(text), bytes, sizeof(bytes) - 1);
        assert_int_equal(length, strlen(text));
        assert_string_equal(text, "a\\\\\\x1b[0m\\x0a\\xff\\x00z~");
        assert_int_equal(text_escape(text, sizeof(text), NULL, 0), 0);
        assert_string_equal(text, "");
        assert_int_equal(text_escape(NULL, 0, bytes, 1), 0);
}

static void test_escape_is_cut_between_escapes(void **state)
{
        static const size_t expected[] = {0, 1, 1, 1, 1, 5, 5, 7, 7};

        (void)state;
        for (size_t room = 0; room < sizeof(expected) / sizeof(expected[0]); room++) {
                char text[16];

                assert_int_equal(text_escape(text, room + 1, "a\x01\\\x02", 4), expected[room]);
                assert_int_equal(strlen(text), expected[room]);
                assert_memory_equal(text, "a\\x01\\\\", expected[room]);
        }
}

/* Escapes are not spoken, whatever letters they have. */
static void test_spoken(void **state)
{
        static const char bytes[] = "a\x1b[2J\x1b[01;01Hb\r\n\x1bMc\x1b(Bd\x07\xff \x1b[6n~";
        struct text_terminal terminal = {0};
        char text[16];
        size_t length = 0;

        (void)state;
        for (size_t i = 0; i + 1 < sizeof(bytes); i++)
                if (text_is_spoken(&terminal, (uint8_t)bytes[i]))
                        text[length++] = bytes[i];
        text[length] = 0;
        assert_string_equal(text, "abcd ~");
}

static void test_guid(void **state)
{
        static const uint8_t esp[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                                        0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};

        (void)state;
        assert_string_equal(text_guid(esp).text, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_format),        cmocka_unit_test(test_precision_reads_no_further),
                cmocka_unit_test(test_format_is_cut), cmocka_unit_test(test_copy),
                cmocka_unit_test(test_escape),        cmocka_unit_test(test_escape_is_cut_between_escapes),
                cmocka_unit_test(test_guid),          cmocka_unit_test(test_spoken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
