package main

import (
	"fmt"
	"net/http"

	"github.com/tmaxmax/go-sse"

	"longwave/clients/received"
)

func main() {
	request, err := http.NewRequest(http.MethodGet, received.URL(), http.NoBody)
	if err != nil {
		panic(err)
	}
	connection := sse.NewConnection(request)
	if received.LargeEvents() {
		connection.Buffer(nil, 1<<20)
	}
	connection.SubscribeToAll(func(event sse.Event) { received.Event(event.Type, event.Data) })
	for {
		// It reconnects by itself, except after a stream that ends in order.
		fmt.Println("error", connection.Connect())
	}
}
