"""aiohttp-sse-client2 reconnects by itself."""

import asyncio

from aiohttp_sse_client2 import client

from received import received, say, url


async def main():
    async with client.EventSource(
        url, max_connect_retry=10, on_open=lambda: say("open")
    ) as source:
        while True:
            try:
                async for event in source:
                    received(event.type, event.data)
            except Exception as error:  # It gives up; its user need not.
                say("error", repr(error))
                await asyncio.sleep(1)
                await source.connect(10)


asyncio.run(main())
