package cli

import (
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestList_Table(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		keepHistory(t)
		t.Chdir(t.TempDir())
		relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(0, "") })
		require.Equal(t, 0, createPrompt(t, "a cat\x1b[2J on a piano, 钢琴上的猫 and so on", "--download", "-O", "v.mp4").code)
		time.Sleep(3 * time.Minute)
		relay.FailCreates(xiexustest.Fault{Cut: true})
		require.Equal(t, exitUnavailable, createPrompt(t, "lost").code)
		time.Sleep(5 * time.Second)
		id, no := relay.Created()[0], strings.Repeat(" ", len(relay.Created()[0]))
		head := "ID" + no[2:]
		tests := map[int][]string{
			200: {
				head + "  AGE  STATUS                          MODEL  PROMPT                                      FILE",
				no + "  5s   unknown: may have been created  m      lost",
				id + "  3m   completed                       m      a cat [2J on a piano, 钢琴上的猫 and so on  v.mp4",
			},
			111: {
				head + "  AGE  STATUS                          MODEL  PROMPT                FILE",
				no + "  5s   unknown: may have been created  m      lost",
				id + "  3m   completed                       m      a cat [2J on a pian…  v.mp4",
			},
			60: {head + "  AGE  STATUS        …", no + "  5s   unknown: may h…", id + "  3m   completed     …"},
		}
		for columns, want := range tests {
			shown := newFakeScreen(t, columns)
			a := newApp(Streams{Out: shown, Err: io.Discard}, shown.terminal(24))
			require.Equal(t, 0, a.run(t.Context(), []string{"list", "-o", "table"}))
			require.Equal(t, want, shown.shown())
		}
	})
}

func TestList_LongTextsOfATableAreCut(t *testing.T) {
	startRelay(t)
	keepHistory(t)
	model, prompt := strings.Repeat("m", 100), strings.Repeat("p", 1000)
	require.Equal(t, 0, runCommand(t.Context(), "", "create", "-m", model, "-p", prompt).code)
	got := runCommand(t.Context(), "", "list", "-o", "table")
	require.Contains(t, got.out, "  "+model[:23]+"…  "+prompt[:59]+"…\n")
	require.Equal(t, prompt, listTasks(t)[0]["prompt"])
}

func TestList_FieldsInJSON(t *testing.T) {
	startRelay(t)
	keepHistory(t)
	require.Equal(t, 0, createPrompt(t, "a").code)
	entry := listTasks(t)[0]
	require.ElementsMatch(t, []string{"task_id", "status", "entry_id", "submitted_at", "base_url", "model", "prompt"}, slices.Collect(maps.Keys(entry)))
}
