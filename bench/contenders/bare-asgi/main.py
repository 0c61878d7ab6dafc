"""The upper limit of the HTTP server: an ASGI handler that reads the body and stores nothing."""

import os

import uvicorn

HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"21")]


async def app(scope, receive, send):
    """Answer every request."""
    if scope["type"] != "http":
        return
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    status = 202 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b'{"status":"accepted"}'})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host=os.environ["HTTP_HOST"],
        port=int(os.environ["HTTP_PORT"]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
