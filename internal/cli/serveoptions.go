package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	address  string
	dialect  string
	tasks    int
	duration time.Duration
	log      bool // also if standard error is not a terminal

	// Videos.
	video         string // one of videoLocations
	size          size
	rate          size
	ranges        bool // of the CDN
	contentRanges bool // of the relay's own endpoint
	cuts          int
	stall         bool
	linkLife      time.Duration

	// New tasks.
	busy        int
	lost        int
	storedAfter time.Duration
}

// allDialects is the value of --dialect for all of them in turn.
const allDialects = "all"

// maxDataURL is the maximum size of a video in a data URL.
const maxDataURL = 8 << 20

// videoLocations returns the values of --video.
func videoLocations() []string {
	return []string{"cdn", "content", "wrong-host", "data", "none", "expired"}
}

// dialectNames returns the values of --dialect.
func dialectNames() []string {
	names := []string{allDialects}
	for _, dialect := range xiexustest.AllDialects() {
		names = append(names, string(dialect))
	}
	return names
}

func (o *serveOptions) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.address, "addr", "127.0.0.1:0", "address to listen on; port 0 picks a free one")
	flags.StringVar(&o.dialect, "dialect", allDialects, "documented, stored, stored-legacy, realtime, or all in turn")
	flags.IntVar(&o.tasks, "tasks", 0, "number of additional tasks")
	flags.DurationVar(&o.duration, "duration", 20*time.Second, "how long a task takes")
	flags.BoolVar(&o.log, "log", false, "log each request even if standard error is not a terminal")
	flags.StringVar(&o.video, "video", "cdn", "where the videos are: "+strings.Join(videoLocations(), ", "))
	flags.Var(&o.size, "size", "size of the videos, such as 20M; filled with random bytes (default a small playable video)")
	flags.Var(&o.rate, "rate", "bytes per second for each download, such as 500k (default no limit)")
	flags.BoolVar(&o.ranges, "range", true, "support range requests on the second port")
	flags.BoolVar(&o.contentRanges, "content-range", false, "support range requests on the relay's own endpoint, unlike real relays")
	flags.IntVar(&o.cuts, "cut", 0, "cut off the first N downloads at random positions")
	flags.BoolVar(&o.stall, "stall", false, "with --cut, stall the connection instead of closing it")
	flags.DurationVar(&o.linkLife, "link-life", 0, "how long a video URL on the second port stays valid; each read returns a new one (default forever)")
	flags.IntVar(&o.busy, "busy", 0, "reject the first N create requests with 429")
	flags.IntVar(&o.lost, "lost", 0, "after those of --busy, accept N create requests but drop the responses")
	flags.DurationVar(&o.storedAfter, "stored-after", 0, "how long reads of a new task return not-found")
	completeValues(cmd, "dialect", dialectNames())
	completeValues(cmd, "video", videoLocations())
}

func (o *serveOptions) check() error {
	switch {
	case !slices.Contains(dialectNames(), o.dialect):
		return fmt.Errorf("--dialect %q is not one of %s", o.dialect, strings.Join(dialectNames(), ", "))
	case !slices.Contains(videoLocations(), o.video):
		return fmt.Errorf("--video %q is not one of %s", o.video, strings.Join(videoLocations(), ", "))
	case min(o.tasks, o.cuts, o.busy, o.lost) < 0:
		return errors.New("--tasks, --cut, --busy and --lost must not be negative")
	case min(o.duration, o.linkLife, o.storedAfter) < 0:
		return errors.New("--duration, --link-life and --stored-after must not be negative")
	case o.stall && o.cuts == 0:
		return errors.New("--stall requires --cut")
	case o.linkLife > 0 && o.video != "cdn":
		return errors.New("--link-life requires --video cdn")
	case o.video == "data" && o.size > maxDataURL:
		return errors.New("--size must be at most 8MiB with --video data")
	}
	return nil
}
