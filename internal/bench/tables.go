package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/xiexus/xiexus-go/internal/bench/lag"
	"github.com/xiexus/xiexus-go/internal/bench/many"
	"github.com/xiexus/xiexus-go/internal/bench/read"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func printRead(ctx context.Context) error {
	const rounds = 25
	rows, err := read.Measure(ctx, rounds)
	if err != nil {
		return err
	}
	fmt.Println("One read of a completed task, without a network")
	return table("\tns\tB\tallocs\tof the floor's time", func(row printer) {
		for _, r := range rows {
			row("%s\t%d\t%d\t%d\t%.2f", r.Name, r.Time.Nanoseconds(), r.Bytes, r.Allocs, r.Ratio)
		}
	})
}

func printLag(context.Context) error {
	const tasks = 20_000
	for _, relay := range lag.Simulate(tasks) {
		fmt.Printf("Questions and lag of %d simulated tasks, %s\n", tasks, relay.Name)
		err := table("\tquestions\tlag, s\tp95, s\tquestions × lag", func(row printer) {
			for _, r := range relay.Rows {
				row("%s\t%.1f\t%.2f\t%.2f\t%.1f", r.Name, r.Questions, r.Lag.Seconds(), r.P95.Seconds(), r.Product())
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func printMany(ctx context.Context) error {
	const waiting, ending = 100_000, 1_000_000
	relays := []many.Relay{
		many.FakeRelay(xiexustest.Stored),
		many.Playback(xiexustest.Stored),
		many.Playback(xiexustest.Realtime),
		many.Playback(xiexustest.Documented),
	}
	rows := make([]many.Waiting, len(relays))
	for i, relay := range relays {
		var err error
		if rows[i], err = many.Wait(ctx, relay, waiting); err != nil {
			return err
		}
	}
	fmt.Printf("WaitAll with %d tasks over loopback, %d requests at once\n", waiting, many.Concurrency)
	err := table("\treads/s\tof a bare loop's\tof a decoding loop's\tB a waiting task\tgoroutines", func(row printer) {
		for i, r := range rows {
			row("%s\t%.0f\t%.2f\t%.2f\t%.0f\t%d", relays[i].Name, r.Reads, r.OfBare, r.OfDecoding, r.Bytes, r.Goroutines)
		}
	})
	if err != nil {
		return err
	}
	end, err := many.End(ctx, ending)
	if err != nil {
		return err
	}
	fmt.Printf("WaitAll with %d ids of tasks that are done, without a network\n", ending)
	return table("\ttime\theap at most, MB\tB an id", func(row printer) {
		row("\t%s\t%d\t%d", end.Time.Round(100*time.Millisecond), end.Peak>>20, end.Peak/ending)
	})
}

// printer prints a row.
type printer func(format string, values ...any)

// table prints a heading and rows, with a tab after each cell but the last. The
// first column is on the left, numbers are on the right.
func table(heading string, rows func(printer)) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(format string, values ...any) {
		name, numbers, _ := strings.Cut(fmt.Sprintf(format, values...), "\t")
		fmt.Fprintf(t, "  %-30s\t%s\t\n", name, numbers)
	}
	row("%s", heading)
	rows(row)
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Println()
	return nil
}
