/* A disk that loses power: an SQLite file system in memory.
 *
 *   file = bytes as the program sees them  +  bytes that survive  +  sectors written since the last sync
 *
 *   write ──► seen, sector marked unsynced        sync ──► marked sectors survive
 *   cut   ──► each marked sector is dropped, kept or torn (a beginning of it survives); so is the length
 *
 * Faults: the n-th operation cuts the power, or fails once. Sabotage, to prove that the tests see what they are for: syncs
 * that do nothing, syncs that lie now and then. After a cut every operation fails until power_disk_restore. */
#ifndef PCT_TESTS_SUPPORT_POWER_DISK_H
#define PCT_TESTS_SUPPORT_POWER_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POWER_DISK_VFS "power"

typedef enum power_sabotage { POWER_HONEST, POWER_SYNC_REMOVED, POWER_LYING_DISK } power_sabotage;

typedef enum power_fault {
    POWER_NO_FAULT,
    POWER_CUT,  /* everything fails from then on */
    POWER_FAIL, /* this one operation fails; what a failed sync did not write is never written */
    POWER_FULL  /* writes that lengthen a file find no room, until power_disk_arm says otherwise */
} power_fault;

/* Registers the file system (once in a process) and empties the disk. */
void power_disk_new(uint64_t seed);
void power_disk_set_sabotage(power_sabotage sabotage);
/* The fault comes at the n-th operation from now (1: the next); reads count too with POWER_FAIL. */
void power_disk_arm(power_fault fault, uint64_t operation);
bool power_disk_is_cut(void);
bool power_disk_fault_came(void);
bool power_disk_failed_sync(void);    /* the operation that failed was a sync */
uint64_t power_disk_operations(void); /* since it was armed */
uint64_t power_disk_syncs(void);
/* Power is back: what did not survive is gone. Close all databases first. */
void power_disk_restore(void);
/* The program was killed, the machine was not: what was written is there, synced or not. Close all databases first. */
void power_disk_survive(void);
/* The present content as the image to which power_disk_reset goes back. */
void power_disk_save(void);
void power_disk_reset(uint64_t seed);
/* True when any file holds the bytes. */
bool power_disk_holds(const char *bytes, size_t length);
int64_t power_disk_size(const char *file);
/* Of a file's bytes, as they are seen. */
uint64_t power_disk_digest(const char *file);
/* Changes one bit of a file that survives; false when it has no such byte. */
bool power_disk_flip(const char *file, uint64_t bit);
void power_disk_free(void);

#endif
