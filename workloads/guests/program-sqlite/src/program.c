/* Runs a script from stdin on a database in memory and prints the rows, their
 * values between bars. The one function beside SQLite's own is readfile(NAME),
 * the text of a file. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

/* What SQLite needs of a system, the same on every system: no files, a clock
 * that stands still and numbers that are not random. Databases in memory and
 * temporary tables in memory ask for nothing more. */

static int refuse_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                       int *out) {
    (void)vfs, (void)name, (void)flags, (void)out;
    file->pMethods = NULL;
    return SQLITE_CANTOPEN;
}

static int refuse_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs, (void)name, (void)sync;
    return SQLITE_IOERR_DELETE;
}

static int nothing_there(sqlite3_vfs *vfs, const char *name, int flags, int *found) {
    (void)vfs, (void)name, (void)flags;
    *found = 0;
    return SQLITE_OK;
}

static int same_name(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    (void)vfs;
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

static int count_up(sqlite3_vfs *vfs, int size, char *out) {
    (void)vfs;
    for (int at = 0; at < size; at++) out[at] = (char)at;
    return size;
}

static int no_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

/* Midnight of 2000-01-01, as a Julian day in milliseconds. */
static int stand_still(sqlite3_vfs *vfs, sqlite3_int64 *now) {
    (void)vfs;
    *now = 211813444800000;
    return SQLITE_OK;
}

static int stand_still_days(sqlite3_vfs *vfs, double *now) {
    (void)vfs;
    *now = 2451544.5;
    return SQLITE_OK;
}

static int no_error(sqlite3_vfs *vfs, int size, char *out) {
    (void)vfs, (void)size, (void)out;
    return 0;
}

static sqlite3_vfs system_of_none = {
    .iVersion = 2,
    .szOsFile = sizeof(sqlite3_file),
    .mxPathname = 64,
    .zName = "none",
    .xOpen = refuse_open,
    .xDelete = refuse_delete,
    .xAccess = nothing_there,
    .xFullPathname = same_name,
    .xRandomness = count_up,
    .xSleep = no_sleep,
    .xCurrentTime = stand_still_days,
    .xGetLastError = no_error,
    .xCurrentTimeInt64 = stand_still,
};

int sqlite3_os_init(void) { return sqlite3_vfs_register(&system_of_none, 1); }

int sqlite3_os_end(void) { return SQLITE_OK; }

/* All bytes of a stream and a zero behind them; NULL if it cannot be read. */
static char *read_all(FILE *stream, size_t *size) {
    size_t room = 1 << 16, used = 0;
    char *bytes = malloc(room);
    while (bytes != NULL) {
        used += fread(bytes + used, 1, room - 1 - used, stream);
        if (used < room - 1) break;
        room *= 2;
        char *more = realloc(bytes, room);
        if (more == NULL) free(bytes);
        bytes = more;
    }
    if (bytes != NULL && ferror(stream)) {
        free(bytes);
        return NULL;
    }
    if (bytes != NULL) bytes[used] = 0;
    *size = used;
    return bytes;
}

static void readfile(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    const char *name = (const char *)sqlite3_value_text(values[0]);
    size_t size = 0;
    FILE *file = name == NULL ? NULL : fopen(name, "rb");
    char *bytes = file == NULL ? NULL : read_all(file, &size);
    if (bytes == NULL) {
        char *message = sqlite3_mprintf("%s: %s", name, strerror(errno));
        sqlite3_result_error(context, message == NULL ? "no memory" : message, -1);
        sqlite3_free(message);
    } else {
        sqlite3_result_text64(context, bytes, size, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    free(bytes);
    if (file != NULL) fclose(file);
}

static void print_row(sqlite3_stmt *statement) {
    int columns = sqlite3_column_count(statement);
    for (int column = 0; column < columns; column++) {
        if (column > 0) putchar('|');
        const void *text = sqlite3_column_text(statement, column);
        int size = sqlite3_column_bytes(statement, column);
        if (text != NULL) fwrite(text, 1, (size_t)size, stdout);
    }
    putchar('\n');
}

static int complain(int statement, const char *message) {
    fflush(stdout);
    fprintf(stderr, "program-sqlite: statement %d: %s\n", statement, message);
    return 1;
}

static int run(sqlite3 *database, const char *script) {
    for (int number = 1; *script != 0; number++) {
        sqlite3_stmt *statement = NULL;
        const char *rest = NULL;
        int status = sqlite3_prepare_v2(database, script, -1, &statement, &rest);
        if (status != SQLITE_OK) return complain(number, sqlite3_errmsg(database));
        script = rest;
        /* Only a comment or the end. */
        if (statement == NULL) {
            number--;
            continue;
        }
        while ((status = sqlite3_step(statement)) == SQLITE_ROW) print_row(statement);
        if (status != SQLITE_DONE) {
            int complained = complain(number, sqlite3_errmsg(database));
            sqlite3_finalize(statement);
            return complained;
        }
        sqlite3_finalize(statement);
    }
    return 0;
}

int assay_sqlite_main(void) {
    size_t size = 0;
    char *script = read_all(stdin, &size);
    if (script == NULL) return complain(0, "stdin cannot be read");
    sqlite3 *database = NULL;
    if (sqlite3_initialize() != SQLITE_OK || sqlite3_open(":memory:", &database) != SQLITE_OK) {
        return complain(0, database == NULL ? "no memory" : sqlite3_errmsg(database));
    }
    sqlite3_create_function_v2(database, "readfile", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL,
                               readfile, NULL, NULL, NULL);
    int status = run(database, script);
    sqlite3_close(database);
    free(script);
    /* Rows that do not reach their reader are a failure as well. */
    return fflush(stdout) == 0 ? status : 1;
}
