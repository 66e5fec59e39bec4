"""sseclient-py reads a stream; reconnecting is up to its user."""

import time

import requests
import sseclient

from received import received, say, url

last_id, pause = "", 1.0
while True:
    headers = {"Accept": "text/event-stream"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    try:
        with requests.get(url, stream=True, headers=headers, timeout=60) as response:
            say("open")
            for event in sseclient.SSEClient(response).events():
                last_id = event.id or last_id
                received(event.event, event.data)
    except requests.RequestException as error:
        say("error", error)
    time.sleep(pause)
