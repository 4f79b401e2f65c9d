package cli

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// contentPath is the relay's own endpoint for a task's video.
const contentPath = "/v1/videos/{id}/content"

const failureReason = "the prompt did not pass the safety review"

// serving builds the servers of serve.
type serving struct {
	*serveOptions
	relayURL, cdnURL string
}

func (s *serving) relay() *xiexustest.Relay {
	relay := xiexustest.StartRelay()
	relay.DiscardRequests()
	relay.SetModels("kling-v1", "sora-2", "veo-3", "viduq1") // those of the examples; any other is accepted too
	relay.SetContent(s.delivery(s.contentRanges))
	relay.FailCreates(slices.Repeat([]xiexustest.Fault{{Status: http.StatusTooManyRequests}}, s.busy)...)
	relay.FailCreates(slices.Repeat([]xiexustest.Fault{{Reset: true}}, s.lost)...)
	relay.StoreAfter(s.storedAfter)
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return s.completes(s.duration) })
	s.addTasks(relay)
	return relay
}

func (s *serving) addTasks(relay *xiexustest.Relay) {
	relay.AddOnFirstRead("task_completes", s.completes(s.duration))
	relay.AddOnFirstRead("task_fails", s.fails(s.duration/2))
	relay.AddOnFirstRead("task_flaky", s.completes(s.duration))
	relay.Fail("task_flaky", xiexustest.TransientFaults()...)
	relay.AddOnFirstRead("task_endless", xiexustest.Script{Dialects: s.dialects(), Steps: []xiexustest.Step{
		{Status: gen.VideoTaskStatusInProgress, Progress: 1},
	}})
	for n := 1; n <= s.tasks; n++ {
		duration := time.Duration(5+rand.IntN(56)) * time.Second
		script := s.completes(duration)
		if n%20 == 0 {
			script = s.fails(duration)
		}
		relay.AddOnFirstRead(fmt.Sprintf("task_%04d", n), script)
	}
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

// completes returns the script of a task that completes.
func (s *serving) completes(after time.Duration) xiexustest.Script {
	script := xiexustest.Completes(after, s.videoURL(), s.dialects()...)
	if s.video == "expired" {
		script.URLs = []string{s.cdnURL + "/expired/{id}.mp4?signature=old", s.videoURL() + "?signature=new"}
	}
	return script
}

// fails returns the script of a task that fails.
func (s *serving) fails(after time.Duration) xiexustest.Script {
	return xiexustest.Fails(after, failureReason, s.dialects()...)
}

func (s *serving) dialects() []xiexustest.Dialect {
	if s.dialect == allDialects {
		return xiexustest.AllDialects()
	}
	return []xiexustest.Dialect{xiexustest.Dialect(s.dialect)}
}

// videoURL returns the URL of a task's video, with placeholders for the relay.
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

// videosAt describes where the videos are.
func (s *serving) videosAt() string {
	switch s.video {
	case "data":
		return "in the tasks, as data URLs"
	case "none":
		return "the tasks have no URLs"
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

// randomCuts returns after how many bytes each of n responses is cut off, at
// random positions in a video. With ranges, each response starts where the one
// before it was cut off.
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
