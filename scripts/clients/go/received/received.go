// Package received is what the programs have in common: one line for each event that the library hands over.
package received

import (
	"encoding/json"
	"fmt"
	"os"
)

// URL is where to connect.
func URL() string { return os.Args[1] }

// LargeEvents tells whether to use the library's setting for events of 64 KiB.
func LargeEvents() bool { return len(os.Args) > 2 && os.Args[2] == "set" }

// Event prints the number in the event's data, as a program that expects JSON would read it.
func Event(kind string, data string) {
	if kind == "gap" {
		fmt.Println("gap", data)
		return
	}
	var event struct{ N *int }
	if err := json.Unmarshal([]byte(data), &event); err != nil || event.N == nil {
		fmt.Printf("phantom type=%q data=%q\n", kind, data)
		return
	}
	fmt.Println("event", *event.N)
}
