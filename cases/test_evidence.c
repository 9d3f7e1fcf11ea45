/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever bytes a guest recorded, a text that is taken from them may stand in a fact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "evidence.h"

static struct evidence told(const char *text)
{
        return (struct evidence){.of[EVIDENCE_TOLD] = {(const uint8_t *)text, strlen(text)}};
}

static void text_is_printable(void **state)
{
        struct evidence evidence = told("a=\\EFI\\B\x93OOT\x7f\n"
                                        "b=one\ttwo\n");
        char text[20];

        (void)state;
        assert_true(evidence_text(&evidence, EVIDENCE_TOLD, "a", text, sizeof(text)));
        assert_string_equal(text, "\\EFI\\B?OOT?");
        assert_true(evidence_text(&evidence, EVIDENCE_TOLD, "b", text, sizeof(text)));
        assert_string_equal(text, "one?two");
}

static void text_is_cut(void **state)
{
        struct evidence evidence = told("a=0123456789\n");
        char text[5] = "same";

        (void)state;
        assert_false(evidence_text(&evidence, EVIDENCE_TOLD, "b", text, sizeof(text)));
        assert_string_equal(text, "same");
        assert_true(evidence_text(&evidence, EVIDENCE_TOLD, "a", text, sizeof(text)));
        assert_string_equal(text, "0123");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(text_is_printable),
                cmocka_unit_test(text_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
