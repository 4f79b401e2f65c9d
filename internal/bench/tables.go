package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/bench/lag"
	"github.com/xiexus/xiexus-go/internal/bench/many"
	"github.com/xiexus/xiexus-go/internal/bench/read"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const readHeading = `One read of a completed task, without a network. The two floors are written by hand:
they send the key, limit the request to one minute, check the HTTP status, read the
body, and decode it into a struct. Each row is compared with the floor of its body
shape, in the same run. Other clients have their defaults.
`

func printRead(ctx context.Context) error {
	const rounds = 25
	rows, err := read.Measure(ctx, rounds)
	if err != nil {
		return err
	}
	fmt.Print(readHeading)
	return table("\tns\t/ floor\tallocs\t/ floor\tB", func(row printer) {
		for _, r := range rows {
			row("%s\t%d\t%.2f\t%d\t%.2f\t%d", r.Name, r.Time.Nanoseconds(), r.TimeRatio, r.Allocs, r.AllocsRatio, r.Bytes)
		}
	})
}

// simulatedTasks is how many tasks the simulation has, in the tables and in the plot.
const simulatedTasks = 5_000

func printLag(context.Context) error {
	fmt.Printf("Requests and lag of at least %d simulated tasks in each world\n\n", simulatedTasks)
	for _, world := range lag.Simulate(simulatedTasks) {
		fmt.Printf("%s: %s\n", world.Name, world.Description)
		err := table("\trequests\tlag, s\tp95, s\trequests × lag\tdestroyed, ‰", func(row printer) {
			for _, r := range world.Rows {
				row("%s\t%.2f\t%.2f\t%.2f\t%.1f\t%.1f",
					r.Name, r.Requests, r.Lag.Seconds(), r.P95.Seconds(), r.Product(), r.Destroyed)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func printMany(ctx context.Context) error {
	for _, print := range []func(context.Context) error{printWaiting, printEnding, printCompleted} {
		if err := print(ctx); err != nil {
			return err
		}
	}
	return nil
}

func printWaiting(ctx context.Context) error {
	const tasks = 20_000
	relays := []many.Relay{
		many.FakeRelay(xiexustest.Stored),
		many.Playback(xiexustest.Stored),
		many.Playback(xiexustest.Realtime),
		many.Playback(xiexustest.Documented),
	}
	rows := make([]many.Waiting, len(relays))
	for i, relay := range relays {
		var err error
		if rows[i], err = many.MeasureWaiting(ctx, relay, tasks); err != nil {
			return err
		}
	}
	fmt.Printf("WaitAll with %d tasks in progress over loopback, %d concurrent requests, one by one\n", tasks, many.Concurrency)
	return table("\tpolls/s\t/ bare loop\t/ decoding loop\tB/task\tgoroutines", func(row printer) {
		for i, r := range rows {
			row("%s\t%.0f\t%.2f\t%.2f\t%.0f\t%d", relays[i].Name, r.Polls, r.BareRatio, r.DecodingRatio, r.Bytes, r.Goroutines)
		}
	})
}

func printEnding(ctx context.Context) error {
	const tasks = 100_000
	rows := []costRow{{"batches", tasks, many.Cost{}}, {"one by one", tasks, many.Cost{}}}
	for i, opts := range [][]xiexus.WaitOption{nil, {xiexus.WithBatchSize(1)}} {
		var err error
		if rows[i].cost, err = many.MeasureEnding(ctx, tasks, opts...); err != nil {
			return err
		}
	}
	fmt.Println("WaitAll with tasks of the fake relay over loopback, half of which end at their first poll, and\n" +
		"the others at their second, up to 15 s later. The heap includes the relay's garbage.")
	return printCosts(rows)
}

func printCompleted(ctx context.Context) error {
	const tasks, oneByOne = 1_000_000, 100_000
	var rows []costRow
	add := func(name string, method many.Method, tasks int, opts ...xiexus.WaitOption) error {
		cost, err := many.MeasureCompleted(ctx, method, tasks, opts...)
		rows = append(rows, costRow{name, tasks, cost})
		return err
	}
	err := cmp.Or(
		add("WaitAll, batches", (*xiexus.Client).WaitAll, tasks),
		add("WaitAll, one by one", (*xiexus.Client).WaitAll, oneByOne, xiexus.WithBatchSize(1)),
		add("GetAll, batches", (*xiexus.Client).GetAll, tasks),
		add("GetAll, one by one", (*xiexus.Client).GetAll, oneByOne, xiexus.WithBatchSize(1)),
	)
	if err != nil {
		return err
	}
	fmt.Println("Completed tasks whose ids are generated, without a network")
	return printCosts(rows)
}

// costRow is a row of the tables of costs.
type costRow struct {
	name  string
	tasks int
	cost  many.Cost
}

func printCosts(rows []costRow) error {
	return table("\ttasks\trequests\ttime\tpeak heap, MB\tB/task\tgoroutines", func(row printer) {
		for _, r := range rows {
			row("%s\t%d\t%d\t%s\t%d\t%d\t%d", r.name, r.tasks, r.cost.Requests,
				r.cost.Time.Round(100*time.Millisecond), r.cost.Peak>>20, r.cost.Peak/uint64(r.tasks), r.cost.Goroutines)
		}
	})
}

// printer prints a row.
type printer func(format string, values ...any)

// table prints a heading and rows, whose cells are separated by tabs. The first
// column is left-aligned, numbers are right-aligned.
func table(heading string, rows func(printer)) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(format string, values ...any) {
		name, numbers, _ := strings.Cut(fmt.Sprintf(format, values...), "\t")
		fmt.Fprintf(t, "  %-32s\t%s\t\n", name, numbers)
	}
	row("%s", heading)
	rows(row)
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Println()
	return nil
}
