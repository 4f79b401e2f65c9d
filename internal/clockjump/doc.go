// Package clockjump tests the command with a wall clock that is set while it runs. The tests
// need a package time of their own: .ci/clock builds and runs them.
package clockjump
