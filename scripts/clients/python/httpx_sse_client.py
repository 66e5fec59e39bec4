"""httpx-sse reads a stream; reconnecting is up to its user, as its README shows."""

import time

import httpx
from httpx_sse import connect_sse

from received import received, say, url

last_id, pause = "", 1.0
with httpx.Client(timeout=httpx.Timeout(10, read=60)) as client:
    while True:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        try:
            with connect_sse(client, "GET", url, headers=headers) as source:
                say("open")
                for event in source.iter_sse():
                    last_id = event.id or last_id
                    pause = pause if event.retry is None else event.retry / 1000
                    received(event.event, event.data)
        except httpx.TransportError as error:
            say("error", error)
        time.sleep(pause)
