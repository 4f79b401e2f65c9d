package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// serving is what serve serves, as its flags say.
type serving struct {
	address  string
	dialect  string
	tasks    int
	duration time.Duration
	video    string
	size     size
	rate     size
	cuts     int
	stall    bool
	linkLife time.Duration

	ranges, contentRanges bool // at the CDN, and on the relay's own route

	// What happens to submits.
	busy, lost int
	stored     time.Duration

	json bool

	relayURL, cdnURL string // once they are known
}

// videoPlaces are the values of --video.
var videoPlaces = []string{"cdn", "content", "wrong-host", "data", "none", "expired"}

// contentPath is the relay's own route for a task's video.
const contentPath = "/v1/videos/{id}/content"

func (s *serving) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.address, "addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	flags.StringVar(&s.dialect, "dialect", "all", "documented, stored, stored-legacy, realtime, or all in turn")
	flags.IntVar(&s.tasks, "tasks", 0, "how many more tasks there are")
	flags.DurationVar(&s.duration, "duration", 20*time.Second, "how long a task takes")
	flags.StringVar(&s.video, "video", "cdn", "where videos are: "+strings.Join(videoPlaces, ", "))
	flags.Var(&s.size, "size", "size of the videos, such as 20M: random bytes (default a small video that plays)")
	flags.Var(&s.rate, "rate", "bytes a second of a transfer, such as 500k (default no limit)")
	flags.BoolVar(&s.ranges, "range", true, "whether the second port sends parts of videos")
	flags.BoolVar(&s.contentRanges, "content-range", false, "whether the relay's own route does, unlike real ones")
	flags.IntVar(&s.cuts, "cut", 0, "how many transfers are cut off, at random places")
	flags.BoolVar(&s.stall, "stall", false, "fall silent where --cut would close the connection")
	flags.DurationVar(&s.linkLife, "link-life", 0, "how long an address at the second port is good; each read gives a fresh one (default for ever)")
	flags.IntVar(&s.busy, "busy", 0, "how many submits are answered with a 429, before any other")
	flags.IntVar(&s.lost, "lost", 0, "how many submits are then taken, but their answers lost")
	flags.DurationVar(&s.stored, "stored-after", 0, "how long a submitted task is unknown to reads")
	complete(cmd, "dialect", append(dialectNames(), "all"))
	complete(cmd, "video", videoPlaces)
}

// complete lets shells complete a flag's value.
func complete(cmd *cobra.Command, flag string, values []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func dialectNames() []string {
	var names []string
	for _, dialect := range xiexustest.AllDialects() {
		names = append(names, string(dialect))
	}
	return names
}

func (s *serving) check() error {
	switch {
	case s.dialect != "all" && !slices.Contains(dialectNames(), s.dialect):
		return fmt.Errorf("--dialect %q is none of all, %s", s.dialect, strings.Join(dialectNames(), ", "))
	case !slices.Contains(videoPlaces, s.video):
		return fmt.Errorf("--video %q is none of %s", s.video, strings.Join(videoPlaces, ", "))
	case s.duration < 0:
		return errors.New("--duration is negative")
	case s.tasks < 0 || s.cuts < 0 || s.busy < 0 || s.lost < 0:
		return errors.New("--tasks, --cut, --busy and --lost are not to be negative")
	case s.linkLife < 0 || s.stored < 0:
		return errors.New("--link-life and --stored-after are not to be negative")
	case s.stall && s.cuts == 0:
		return errors.New("--stall says how to --cut, and nothing is cut")
	case s.linkLife > 0 && s.video != "cdn":
		return errors.New("--link-life is for --video cdn")
	case s.video == "data" && s.size > 8<<20:
		return errors.New("--size is too large for --video data: at most 8M")
	}
	return nil
}

// dialects are those of the tasks, in turn.
func (s *serving) dialects() []xiexustest.Dialect {
	if s.dialect == "all" {
		return xiexustest.AllDialects()
	}
	return []xiexustest.Dialect{xiexustest.Dialect(s.dialect)}
}

func (s *serving) relay() *xiexustest.Relay {
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(serveKey))
	relay.DiscardRequests()
	relay.SetContent(s.delivery(s.contentRanges))
	relay.FailCreates(slices.Repeat([]xiexustest.Fault{{Status: http.StatusTooManyRequests}}, s.busy)...)
	relay.FailCreates(slices.Repeat([]xiexustest.Fault{{Reset: true}}, s.lost)...)
	relay.StoreAfter(s.stored)
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return s.completes(s.duration) })
	relay.AddOnFirstRead("task_completes", s.completes(s.duration))
	relay.AddOnFirstRead("task_fails", xiexustest.Fails(s.duration/2, "the prompt did not pass the safety review", s.dialects()...))
	relay.AddOnFirstRead("task_flaky", s.completes(s.duration))
	relay.Fail("task_flaky", xiexustest.TransientFaults()...)
	relay.AddOnFirstRead("task_endless", xiexustest.Script{Dialects: s.dialects(), Steps: []xiexustest.Step{
		{Status: gen.VideoTaskStatusInProgress, Progress: 1},
	}})
	for i := range s.tasks {
		duration := time.Duration(5+rand.IntN(56)) * time.Second
		script := s.completes(duration)
		if i%20 == 19 {
			script = xiexustest.Fails(duration, "the prompt did not pass the safety review", s.dialects()...)
		}
		relay.AddOnFirstRead(fmt.Sprintf("task_%04d", i+1), script)
	}
	return relay
}

func (s *serving) cdn() *xiexustest.CDN {
	cdn := xiexustest.NewCDN()
	cdn.DiscardRequests()
	delivery := s.delivery(s.ranges)
	delivery.LinkTTL = s.linkLife
	cdn.Put("/", delivery)
	cdn.Put("/expired/", xiexustest.Delivery{Status: http.StatusForbidden})
	return cdn
}

// completes is the script of a task whose video is where --video says.
func (s *serving) completes(after time.Duration) xiexustest.Script {
	script := xiexustest.Completes(after, s.videoURL(), s.dialects()...)
	if s.video == "expired" {
		script.URLs = []string{s.cdnURL + "/expired/{id}.mp4?signature=old", s.videoURL() + "?signature=new"}
	}
	return script
}

func (s *serving) videoURL() string {
	switch s.video {
	case "content":
		return s.relayURL + contentPath
	case "wrong-host":
		return "http://localhost:3000" + contentPath
	case "none":
		return ""
	case "data":
		video := s.videoBytes()
		content, _ := io.ReadAll(io.NewSectionReader(video, 0, video.Size))
		return "data:video/mp4;base64," + base64.StdEncoding.EncodeToString(content)
	}
	if s.linkLife > 0 {
		return s.cdnURL + "/{id}.mp4?since={now}"
	}
	return s.cdnURL + "/{id}.mp4"
}

func (s *serving) whereVideosAre() string {
	switch s.video {
	case "data":
		return "in the tasks' addresses, as data URLs"
	case "none":
		return "the tasks have no addresses"
	}
	return strings.NewReplacer("{id}", "ID", "{now}", "MILLISECONDS").Replace(s.videoURL())
}

func (s *serving) videoBytes() xiexustest.Video {
	if s.size == 0 {
		return xiexustest.SampleVideo()
	}
	return xiexustest.RandomVideo(int64(s.size))
}

func (s *serving) delivery(ranges bool) xiexustest.Delivery {
	video := s.videoBytes()
	return xiexustest.Delivery{
		Video: video, NoRange: !ranges, Rate: int64(s.rate),
		Cuts: randomCuts(s.cuts, video.Size, ranges), Stall: s.stall,
	}
}

// randomCuts are places in a video where answers break off, one each. Where parts
// are sent, the next answer begins there, and its cut is counted from there.
func randomCuts(n int, size int64, ranges bool) []int64 {
	cuts := make([]int64, n)
	for i := range cuts {
		cuts[i] = rand.Int64N(size)
	}
	if !ranges {
		return cuts
	}
	slices.Sort(cuts)
	for i := n - 1; i > 0; i-- {
		cuts[i] -= cuts[i-1]
	}
	return cuts
}
