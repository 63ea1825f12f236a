// Package export_wasi_http_incoming_handler is json-api as
// wasi:http/incoming-handler; its name is the one the generated bindings call.
package export_wasi_http_incoming_handler

import (
	"assay.invalid/guests/jsonapi"
	"go.bytecodealliance.org/pkg/wit/types"
	"wit_component/wasi_http_types"
	"wit_component/wasi_io_streams"
)

// What one read may bring, and what one blocking write takes at most.
const (
	chunk = 64 * 1024
	piece = 4096
)

var methods = []string{
	"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
}

// Handle answers one request.
func Handle(request *wasi_http_types.IncomingRequest, out *wasi_http_types.ResponseOutparam) {
	defer request.Drop()
	body, whole := read(request)
	if !whole {
		// The client left in the middle of its request: nobody reads an answer.
		out.Drop()
		return
	}
	method := request.Method()
	name := ""
	if method.Tag() == wasi_http_types.Method_Other {
		name = method.Other()
	} else {
		name = methods[method.Tag()]
	}
	answer := jsonapi.Respond(name, request.PathWithQuery().SomeOr("/"), body)
	send(answer, out)
}

func read(request *wasi_http_types.IncomingRequest) (content []byte, whole bool) {
	body := request.Consume().Ok()
	defer body.Drop()
	stream := body.Stream().Ok()
	defer stream.Drop()
	for {
		result := stream.BlockingRead(chunk)
		if result.IsErr() {
			reason := result.Err()
			return content, reason.Tag() == wasi_io_streams.StreamError_Closed
		}
		content = append(content, result.Ok()...)
	}
}

func send(answer jsonapi.Answer, out *wasi_http_types.ResponseOutparam) {
	headers := wasi_http_types.MakeFields()
	headers.Append("content-type", []byte("application/json")).Ok()
	if answer.Allow != "" {
		headers.Append("allow", []byte(answer.Allow)).Ok()
	}
	response := wasi_http_types.MakeOutgoingResponse(headers)
	response.SetStatusCode(uint16(answer.Status)).Ok()
	body := response.Body().Ok()
	wasi_http_types.ResponseOutparamSet(out, wit_types.Ok[*wasi_http_types.OutgoingResponse, wasi_http_types.ErrorCode](response))

	stream := body.Write().Ok()
	rest, gone := []byte(answer.Body), false
	for len(rest) > 0 && !gone {
		now := min(len(rest), piece)
		gone = stream.BlockingWriteAndFlush(rest[:now]).IsErr()
		rest = rest[now:]
	}
	stream.Drop()
	if gone {
		// Nobody is left to tell.
		body.Drop()
		return
	}
	wasi_http_types.OutgoingBodyFinish(body, wit_types.None[*wasi_http_types.Fields]())
}
