// `hello`: SPEC.md, section hello. The same source is the component and the
// native twin.
package main

import (
	"fmt"
	"os"

	"assay.invalid/guests/escape"
)

func main() {
	line := "hello from a component\n"
	switch arguments := os.Args[1:]; len(arguments) {
	case 0:
	case 1:
		line = fmt.Sprintf("hello \"%s\"\n", escape.Text(arguments[0]))
	default:
		fmt.Fprintf(os.Stderr, "hello: at most one argument, not %d\n", len(arguments))
		os.Exit(1)
	}
	if _, err := os.Stdout.WriteString(line); err != nil {
		fmt.Fprintln(os.Stderr, "hello:", err)
		os.Exit(1)
	}
}
