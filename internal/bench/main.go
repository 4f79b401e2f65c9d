// Command bench compares the library with its peers and prints tables: one read,
// questions and lag, many tasks at once. Arguments name some of them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	benchmarks := []struct {
		name  string
		print func(context.Context) error
	}{
		{"read", printRead},
		{"lag", printLag},
		{"many", printMany},
	}
	for _, b := range benchmarks {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], b.name) {
			continue
		}
		if err := b.print(ctx); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", b.name, err)
			os.Exit(1)
		}
	}
}
