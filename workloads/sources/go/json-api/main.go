// The native twin of lang/json-api-go: json-api ADDRESS.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"assay.invalid/guests/jsonapi"
)

func handle(writer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		// The client left in the middle of its request: nobody reads this.
		return
	}
	answer := jsonapi.Respond(request.Method, request.RequestURI, body)
	header := writer.Header()
	header.Set("content-type", "application/json")
	header.Set("content-length", strconv.Itoa(len(answer.Body)))
	if answer.Allow != "" {
		header.Set("allow", answer.Allow)
	}
	writer.WriteHeader(answer.Status)
	// An error means that the client is gone.
	_, _ = io.WriteString(writer, answer.Body)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: json-api ADDRESS, for example 127.0.0.1:8080")
		os.Exit(2)
	}
	// No ServeMux: it redirects paths that it finds unclean.
	err := http.ListenAndServe(os.Args[1], http.HandlerFunc(handle))
	fmt.Fprintln(os.Stderr, "json-api:", err)
	os.Exit(1)
}
