// Package export_wasi_cli_run is the `compose` command that calls
// assay:compose/text: SPEC.md, section compose. Its name is the one the
// generated bindings call.
//
// It exports wasi:cli/run itself. An ordinary Go program, adapted, cannot have
// the bindings: the adapter allocates through the program's cabi_realloc before
// it starts, and Go traps when an export is called before main is.
package export_wasi_cli_run

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"assay.invalid/guests/escape"
	"go.bytecodealliance.org/pkg/wit/types"
	"wit_component/assay_compose_text"
)

func words(text string) string {
	var lines strings.Builder
	for _, entry := range assay_compose_text.CountWords(text) {
		fmt.Fprintf(&lines, "\"%s\" %d\n", escape.Text(entry.Word), entry.Count)
	}
	return lines.String()
}

func pair(line string) string {
	result := assay_compose_text.ParsePair(line)
	if result.IsOk() {
		found := result.Ok()
		return fmt.Sprintf("name \"%s\" value %d\n", escape.Text(found.F0), found.F1)
	}
	problem := result.Err()
	if problem.Tag() == assay_compose_text.Problem_NoSeparator {
		return "no separator\n"
	}
	return fmt.Sprintf("not a number \"%s\"\n", escape.Text(problem.NotANumber()))
}

func bytes(length uint64) string {
	data := make([]byte, length)
	for at := range data {
		data[at] = byte(at % 251)
	}
	return fmt.Sprintf("digest %016x\n", assay_compose_text.Digest(data))
}

func calls(count uint64) string {
	state := uint64(1)
	for range count {
		state = assay_compose_text.Step(state)
	}
	return fmt.Sprintf("state %016x\n", state)
}

func output(arguments []string) (string, bool) {
	if len(arguments) != 2 {
		return "", false
	}
	operation, argument := arguments[0], arguments[1]
	number, err := strconv.ParseUint(argument, 10, 32)
	switch {
	case operation == "words":
		return words(argument), true
	case operation == "pair":
		return pair(argument), true
	case operation == "bytes" && err == nil:
		return bytes(number), true
	case operation == "calls" && err == nil:
		return calls(number), true
	}
	return "", false
}

// Run is the whole program.
func Run() wit_types.Result[wit_types.Unit, wit_types.Unit] {
	failed := wit_types.Err[wit_types.Unit](wit_types.Unit{})
	text, ok := output(os.Args[1:])
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: compose words|pair|bytes|calls ARGUMENT")
		return failed
	}
	if _, err := os.Stdout.WriteString(text); err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		return failed
	}
	return wit_types.Ok[wit_types.Unit, wit_types.Unit](wit_types.Unit{})
}
