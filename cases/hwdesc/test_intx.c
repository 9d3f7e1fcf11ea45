/* SPDX-License-Identifier: BSD-2-Clause */
/* The legacy interrupt of a function is found where QEMU's map has it, and nowhere in a map that is cut or foreign. */
#include "intx.h"

#include "test_machine.h"
#include "tree.h"

static struct machine machine;

static uint32_t found(unsigned device, unsigned pin)
{
        struct intx intx = {.unit = device << 11, .pin = pin};
        uint32_t id = 0;

        intx.parent = fdt_get_phandle(machine.fdt, node_at(machine.fdt, "/intc@8000000"));
        return intx_find((struct bytes){machine.fdt, FDT_ROOM}, &intx, &id) ? id : 0;
}

static void ready(void)
{
        if (!machine_make(&machine))
                skip();
}

static void map_of_qemu(void **state)
{
        (void)state;
        ready();
        assert_int_equal(found(0, 1), 35);
        assert_int_equal(found(2, 1), 37);
        assert_int_equal(found(3, 2), 35);
        assert_int_equal(found(5, 4), 35);
        assert_int_equal(found(0, 5), 0);
}

static void map_of_another_parent(void **state)
{
        struct intx intx = {.pin = 1, .parent = 0x7777};
        uint32_t id = 0;

        (void)state;
        ready();
        assert_false(intx_find((struct bytes){machine.fdt, FDT_ROOM}, &intx, &id));
        intx.root = 1;
        assert_false(intx_find((struct bytes){machine.fdt, FDT_ROOM}, &intx, &id));
        assert_int_equal(id, 0);
}

static void map_that_is_cut(void **state)
{
        static uint8_t map[2048];
        struct bytes whole;
        int node;

        (void)state;
        ready();
        node = node_at(machine.fdt, "/pcie@10000000");
        whole = tree_property(machine.fdt, node, "interrupt-map");
        assert_true(whole.size <= sizeof(map));
        memcpy(map, whole.data, whole.size);
        for (size_t size = 0; size < 40; size += 4) {
                assert_int_equal(fdt_setprop(machine.fdt, node, "interrupt-map", map, (int)size), 0);
                assert_int_equal(found(0, 1), 0);
        }
        assert_int_equal(fdt_setprop(machine.fdt, node, "interrupt-map", map, 40), 0);
        assert_int_equal(found(0, 1), 35);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(map_of_qemu),
                cmocka_unit_test(map_of_another_parent),
                cmocka_unit_test(map_that_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
