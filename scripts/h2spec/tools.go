//go:build tools

// Package h2spec pins what scripts/servers.sh builds h2spec from: its release, and libraries of its
// time, with which it builds with the Go of any Debian and takes a connection's end for what it is.
package h2spec

import _ "github.com/summerwind/h2spec/cmd/h2spec"
