// Package escape writes bytes as SPEC.md says.
package escape

import (
	"fmt"
	"strings"
)

// Text is the escaped form of the bytes of text.
func Text(text string) string {
	var result strings.Builder
	for _, b := range []byte(text) {
		switch {
		case b == '\t':
			result.WriteString(`\t`)
		case b == '\n':
			result.WriteString(`\n`)
		case b == '\r':
			result.WriteString(`\r`)
		case b == '"' || b == '\\':
			result.Write([]byte{'\\', b})
		case b >= 0x20 && b <= 0x7e:
			result.WriteByte(b)
		default:
			fmt.Fprintf(&result, `\x%02x`, b)
		}
	}
	return result.String()
}
