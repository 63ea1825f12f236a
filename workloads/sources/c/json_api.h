/* What `json-api` answers: SPEC.md, section json-api. */

#ifndef ASSAY_JSON_API_H
#define ASSAY_JSON_API_H

#include <stddef.h>

enum json_api_allow { ALLOW_NOTHING = 0, ALLOW_GET = 1, ALLOW_POST = 2 };

struct json_api_answer {
    int status;
    /* The value of `allow`, if there is one. */
    int allow;
    /* The body, ended by a zero byte. */
    char body[128];
};

/* `method` and `path` end with a zero byte; behind the `length` bytes of
   `body` there must be one too. */
void json_api_answer(const char *method, const char *path, const char *body, size_t length,
                     struct json_api_answer *answer);

#endif
