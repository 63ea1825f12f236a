#include "json_api.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nesting that the specification leaves open is refused. */
#define DEPTH 64
#define LIMIT 1e9

struct reader {
    const char *at;
    const char *end;
    /* What was found so far of the member `numbers`. */
    bool numbers_are_integers;
    long long sum;
    unsigned long count;
};

static void blanks(struct reader *in) {
    while (in->at < in->end && strchr(" \t\n\r", *in->at) != NULL && *in->at != 0) in->at++;
}

static bool take(struct reader *in, char wanted) {
    if (in->at == in->end || *in->at != wanted) return false;
    in->at++;
    return true;
}

static bool digits(struct reader *in) {
    const char *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
    return in->at > start;
}

static bool number(struct reader *in, double *value) {
    const char *start = in->at;
    take(in, '-');
    if (!take(in, '0') && !digits(in)) return false;
    if (take(in, '.') && !digits(in)) return false;
    if (take(in, 'e') || take(in, 'E')) {
        if (!take(in, '+')) take(in, '-');
        if (!digits(in)) return false;
    }
    *value = strtod(start, NULL);
    return true;
}

static int hexadecimal(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/* Reads a string. The first bytes of it are kept, for names are compared; what
   is not ASCII is kept as a byte that no name has. */
static bool string(struct reader *in, char *kept, size_t room) {
    size_t length = 0;
    if (!take(in, '"')) return false;
    for (;;) {
        if (in->at == in->end || (unsigned char)*in->at < 0x20) return false;
        char next = *in->at++;
        if (next == '"') break;
        if (next == '\\') {
            if (in->at == in->end) return false;
            char escape = *in->at++;
            static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
            const char *plain = escape == 0 ? NULL : strchr(names, escape);
            if (escape == 'u') {
                int code = 0;
                for (int at = 0; at < 4; at++) {
                    int digit = in->at < in->end ? hexadecimal(*in->at++) : -1;
                    if (digit < 0) return false;
                    code = code * 16 + digit;
                }
                next = code > 0 && code < 0x80 ? (char)code : '\x7f';
            } else if (plain != NULL) {
                next = meant[plain - names];
            } else {
                return false;
            }
        }
        if (length + 1 < room) kept[length] = next;
        length++;
    }
    kept[length < room ? length : room - 1] = 0;
    /* Longer than every name that is asked for: none of them. */
    if (length >= room) kept[0] = '\x7f';
    return true;
}

static bool value(struct reader *in, int depth, bool is_numbers);

static bool array(struct reader *in, int depth, bool is_numbers) {
    if (is_numbers) {
        in->numbers_are_integers = true;
        in->sum = 0;
        in->count = 0;
    }
    blanks(in);
    if (take(in, ']')) return true;
    do {
        blanks(in);
        double element;
        bool starts_a_number = in->at < in->end && strchr("-0123456789", *in->at) != NULL && *in->at != 0;
        if (is_numbers && starts_a_number) {
            if (!number(in, &element)) return false;
            if (element >= -LIMIT && element <= LIMIT && (double)(long long)element == element) {
                in->sum += (long long)element;
                in->count++;
            } else {
                in->numbers_are_integers = false;
            }
        } else {
            if (is_numbers) in->numbers_are_integers = false;
            if (!value(in, depth, false)) return false;
        }
        blanks(in);
    } while (take(in, ','));
    return take(in, ']');
}

static bool object(struct reader *in, int depth) {
    blanks(in);
    if (take(in, '}')) return true;
    do {
        char name[16];
        blanks(in);
        if (!string(in, name, sizeof name)) return false;
        blanks(in);
        if (!take(in, ':')) return false;
        blanks(in);
        bool is_numbers = depth == 1 && strcmp(name, "numbers") == 0;
        if (!value(in, depth, is_numbers)) return false;
        blanks(in);
    } while (take(in, ','));
    return take(in, '}');
}

static bool word(struct reader *in, const char *wanted) {
    size_t length = strlen(wanted);
    if ((size_t)(in->end - in->at) < length || memcmp(in->at, wanted, length) != 0) return false;
    in->at += length;
    return true;
}

static bool value(struct reader *in, int depth, bool is_numbers) {
    char ignored[2];
    double unused;
    if (depth >= DEPTH || in->at == in->end) return false;
    switch (*in->at) {
    case '{': in->at++; return object(in, depth + 1);
    case '[': in->at++; return array(in, depth + 1, is_numbers);
    case '"': return string(in, ignored, sizeof ignored);
    case 't': return word(in, "true");
    case 'f': return word(in, "false");
    case 'n': return word(in, "null");
    default: return number(in, &unused);
    }
}

/* RFC 3629, section 4. */
static bool is_utf8(const char *text, size_t length) {
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    while (at < end) {
        unsigned char first = *at++;
        if (first < 0x80) continue;
        int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        if (first < 0xc2 || first > 0xf4 || end - at < more) return false;
        if ((first == 0xe0 && *at < 0xa0) || (first == 0xed && *at > 0x9f) ||
            (first == 0xf0 && *at < 0x90) || (first == 0xf4 && *at > 0x8f)) {
            return false;
        }
        for (; more > 0; more--) {
            if ((*at++ & 0xc0) != 0x80) return false;
        }
    }
    return true;
}

static void error(struct json_api_answer *answer, int status, const char *what) {
    answer->status = status;
    snprintf(answer->body, sizeof answer->body, "{\"error\":\"%s\"}", what);
}

static void item(const char *text, size_t length, struct json_api_answer *answer) {
    struct reader in = {.at = text, .end = text + length};
    if (length < 1 || length > 9 || !digits(&in) || in.at != in.end) {
        error(answer, 400, "an item id has 1 to 9 digits");
        return;
    }
    long id = strtol(text, NULL, 10);
    if (id < 1 || id > 1000) {
        char what[32];
        snprintf(what, sizeof what, "no item %ld", id);
        error(answer, 404, what);
        return;
    }
    answer->status = 200;
    snprintf(answer->body, sizeof answer->body, "{\"id\":%ld,\"name\":\"item %ld\",\"odd\":%s}", id, id,
             id % 2 == 1 ? "true" : "false");
}

static void sum(const char *body, size_t length, struct json_api_answer *answer) {
    struct reader in = {.at = body, .end = body + length};
    blanks(&in);
    bool json = is_utf8(body, length) && value(&in, 0, false);
    blanks(&in);
    if (!json || in.at != in.end) {
        error(answer, 400, "the body is not JSON");
    } else if (!in.numbers_are_integers) {
        error(answer, 400, "numbers must be a list of integers");
    } else {
        answer->status = 200;
        snprintf(answer->body, sizeof answer->body, "{\"count\":%lu,\"sum\":%lld}", in.count, in.sum);
    }
}

void json_api_answer(const char *method, const char *path, const char *body, size_t length,
                     struct json_api_answer *answer) {
    static const char items[] = "/items/";
    const size_t prefix = sizeof items - 1;
    size_t path_length = strcspn(path, "?");
    enum { NOWHERE, HEALTH, ITEM, SUM } route = NOWHERE;

    memset(answer, 0, sizeof *answer);
    if (path_length == 7 && memcmp(path, "/health", 7) == 0) {
        route = HEALTH;
    } else if (path_length == 4 && memcmp(path, "/sum", 4) == 0) {
        route = SUM;
    } else if (path_length >= prefix && memcmp(path, items, prefix) == 0 &&
               memchr(path + prefix, '/', path_length - prefix) == NULL) {
        route = ITEM;
    }
    if (route == NOWHERE) {
        error(answer, 404, "not found");
        return;
    }
    if (strcmp(method, route == SUM ? "POST" : "GET") != 0) {
        error(answer, 405, "the method is not allowed");
        answer->allow = route == SUM ? ALLOW_POST : ALLOW_GET;
        return;
    }
    switch (route) {
    case ITEM: item(path + prefix, path_length - prefix, answer); break;
    case SUM: sum(body, length, answer); break;
    default:
        answer->status = 200;
        strcpy(answer->body, "{\"status\":\"ok\"}");
    }
}
