/* `hello`: SPEC.md, section hello. The same source is the component and the
   native twin. */

#include <stdio.h>

static void print_escaped(const char *text) {
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
        switch (*at) {
        case '\t': fputs("\\t", stdout); break;
        case '\n': fputs("\\n", stdout); break;
        case '\r': fputs("\\r", stdout); break;
        case '"':
        case '\\': printf("\\%c", *at); break;
        default:
            if (*at >= 0x20 && *at <= 0x7e) {
                putchar(*at);
            } else {
                printf("\\x%02x", *at);
            }
        }
    }
}

int main(int count, char **arguments) {
    /* One write a line, wherever it goes. */
    static char buffer[4096];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    if (count > 2) {
        fprintf(stderr, "hello: at most one argument, not %d\n", count - 1);
        return 1;
    }
    if (count == 2) {
        fputs("hello \"", stdout);
        print_escaped(arguments[1]);
        fputs("\"\n", stdout);
    } else {
        fputs("hello from a component\n", stdout);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
