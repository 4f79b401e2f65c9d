// Command bench compares the library with other clients and prints tables. Run it
// with -h for the list of benchmarks.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
)

// benchmark is one benchmark of the command.
type benchmark struct {
	name  string
	usage string
	print func(context.Context) error
}

func benchmarks() []benchmark {
	return []benchmark{
		{"read", "one read of a completed task, in memory: time and allocations", printRead},
		{"lag", "polling schedules in a simulation of relays: requests per task, and lag", printLag},
		{"many", "WaitAll with 100,000 tasks over loopback, and with 1,000,000 in memory", printMany},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, b := range selected() {
		if err := b.print(ctx); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", b.name, err)
			os.Exit(1)
		}
	}
}

// selected returns the benchmarks that the arguments name, by default all. A plot is
// drawn before them, or alone.
func selected() []benchmark {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	file := flags.String("plot", "", "draw the rows of lag as SVG into `file`")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), "Usage: go run . [-plot file] [benchmark ...]\n\n"+
			"Compares xiexus-go with other clients and prints tables. By default it runs all\n"+
			"benchmarks, which takes over a minute; run them on an idle machine. With -plot\n"+
			"it runs only those that are named.\n\n")
		for _, b := range benchmarks() {
			fmt.Fprintf(flags.Output(), "  %-6s%s\n", b.name, b.usage)
		}
		fmt.Fprintln(flags.Output())
		flags.PrintDefaults()
	}
	_ = flags.Parse(os.Args[1:]) // exits on an error
	if flags.NArg() == 0 && *file == "" {
		return benchmarks()
	}
	for _, name := range flags.Args() {
		if !slices.ContainsFunc(benchmarks(), func(b benchmark) bool { return b.name == name }) {
			fmt.Fprintf(flags.Output(), "%q is not a benchmark\n\n", name)
			flags.Usage()
			os.Exit(2)
		}
	}
	named := slices.DeleteFunc(benchmarks(), func(b benchmark) bool { return !slices.Contains(flags.Args(), b.name) })
	if *file == "" {
		return named
	}
	draw := benchmark{name: "plot", print: func(context.Context) error { return drawLag(*file) }}
	return append([]benchmark{draw}, named...)
}
