package main

import (
	"fmt"

	"github.com/launchdarkly/eventsource"

	"longwave/clients/received"
)

func main() {
	stream, err := eventsource.SubscribeWithURL(received.URL(),
		eventsource.StreamOptionErrorHandler(func(err error) eventsource.StreamErrorHandlerResult {
			fmt.Println("error", err)
			return eventsource.StreamErrorHandlerResult{}
		}))
	if err != nil {
		panic(err)
	}
	fmt.Println("open")
	for event := range stream.Events {
		received.Event(event.Event(), event.Data())
	}
}
