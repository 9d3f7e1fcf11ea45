/* SPDX-License-Identifier: BSD-2-Clause */
/* The runtime services at addresses of the application's choice, after SetVirtualAddressMap. */
#pragma once

#include "app.h"

/* Before ExitBootServices: takes the memory that this will need; false where there is too little. */
bool virtual_prepare(struct guest *g);

/* Keeps the map with which ExitBootServices was called. */
void virtual_map_keep(const void *map, UINTN size, UINTN step, UINT32 version);

/* After ExitBootServices: sets the map, and from then on the runtime services are called where it has put them. */
void virtual_enter(struct app *app);

/* From then on the old addresses can be reached beside the new ones. */
void virtual_leave(void);
