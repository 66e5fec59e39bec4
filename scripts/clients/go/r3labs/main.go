package main

import (
	"fmt"

	"github.com/r3labs/sse/v2"
	"gopkg.in/cenkalti/backoff.v1"

	"longwave/clients/received"
)

func main() {
	client := sse.NewClient(received.URL())
	if received.LargeEvents() {
		client = sse.NewClient(received.URL(), sse.ClientMaxBufferSize(1<<20))
	}
	client.OnConnect(func(*sse.Client) { fmt.Println("open") })
	for {
		// The end of a stream is no error to it, and it would not reconnect.
		client.ReconnectStrategy = backoff.NewExponentialBackOff()
		err := client.SubscribeRaw(func(event *sse.Event) {
			if received.LargeEvents() && len(event.Data) == 0 {
				return // comments before the end of a stream, which it takes for an event
			}
			received.Event(string(event.Event), string(event.Data))
		})
		fmt.Println("error", err)
	}
}
