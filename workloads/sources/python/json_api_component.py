"""The component of lang/json-api-python."""

import json_api_logic
from componentize_py_types import Err, Ok
from wit_world.exports import IncomingHandler as IncomingHandlerInterface
from wit_world.imports.streams import StreamError_Closed
from wit_world.imports.types import (
    Fields,
    IncomingRequest,
    Method_Other,
    OutgoingBody,
    OutgoingResponse,
    ResponseOutparam,
)

# What one read may bring, and what one blocking write takes at most.
CHUNK = 64 * 1024
PIECE = 4096


def method_of(request: IncomingRequest) -> str:
    method = request.method()
    if isinstance(method, Method_Other):
        return method.value
    return type(method).__name__.removeprefix("Method_").upper()


def content_of(request: IncomingRequest) -> bytes:
    content = b""
    with request.consume() as body, body.stream() as stream:
        while True:
            try:
                content += stream.blocking_read(CHUNK)
            except Err as error:
                if isinstance(error.value, StreamError_Closed):
                    return content
                raise


class IncomingHandler(IncomingHandlerInterface):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        with request:
            status, headers, text = json_api_logic.answer(
                method_of(request), request.path_with_query() or "/", content_of(request)
            )
        headers = {"content-type": "application/json", **headers}
        fields = Fields.from_list([(name, value.encode()) for name, value in headers.items()])
        response = OutgoingResponse(fields)
        response.set_status_code(status)
        body = response.body()
        ResponseOutparam.set(response_out, Ok(response))
        data = text.encode()
        with body.write() as stream:
            for at in range(0, len(data), PIECE):
                stream.blocking_write_and_flush(data[at : at + PIECE])
        OutgoingBody.finish(body, None)
