package shard_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
)

func TestShard_SurvivesEncoding(t *testing.T) {
	s := shard.New("task_1", "任务 2")
	s.FirstAt = time.Date(2026, 11, 28, 20, 0, 0, 0, time.UTC)
	s.Requests = map[string]string{"task_1": "key"}
	data, err := s.Encode()
	require.NoError(t, err)
	decoded, err := shard.Decode(data)
	require.NoError(t, err)
	require.Equal(t, s, decoded)
}

func TestShard_HasCursorsThatAreDueAtFirstAt(t *testing.T) {
	s := shard.New("a", "b")
	require.Equal(t, []xiexus.Cursor{xiexus.NewCursor("a"), xiexus.NewCursor("b")}, s.Cursors())
	s.FirstAt = time.Now().Add(time.Minute)
	for _, cursor := range s.Cursors() {
		require.Equal(t, s.FirstAt, cursor.NextAt)
	}
}

func TestDecode_RejectsWhatIsNoShard(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"not JSON", `{`, "shard: "},
		{"another type", `[]`, "shard: "},
		{"no ID", `{"v":1,"task_ids":["a"]}`, "its ID is not a key"},
		{"an ID that is another subject", `{"v":1,"id":"a.b","task_ids":["a"]}`, "its ID is not a key"},
		{"no tasks", `{"v":1,"id":"a"}`, "0 task IDs instead of 1 to 5000"},
		{"an empty task ID", `{"v":1,"id":"a","task_ids":[""]}`, "a task ID of 0 bytes"},
		{"a long task ID", `{"v":1,"id":"a","task_ids":["` + strings.Repeat("x", shard.MaxID+1) + `"]}`, "a task ID of 513 bytes"},
		{"many tasks", `{"v":1,"id":"a","task_ids":["x"` + strings.Repeat(`,"x"`, shard.MaxSize) + `]}`, "5001 task IDs"},
		{"a newer release", `{"v":2,"id":"a","task_ids":{"changed":true}}`, "written by a newer release"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := shard.Decode([]byte(tt.data))
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestDecode_IgnoresUnknownFields(t *testing.T) {
	_, err := shard.Decode([]byte(`{"v":1,"id":"a","task_ids":["x"],"base_url":"https://elsewhere.example.com"}`))
	require.NoError(t, err)
}

func TestBuilder_FillsShards(t *testing.T) {
	b := shard.Builder{Size: 3}
	var sizes []int
	var all []string
	for i := range 8 {
		if s, ok := b.Add(strconv.Itoa(i)); ok {
			sizes, all = append(sizes, len(s.TaskIDs)), append(all, s.TaskIDs...)
		}
	}
	s, ok := b.Rest()
	require.True(t, ok)
	require.Equal(t, []int{3, 3}, sizes)
	require.Equal(t, strings.Fields("0 1 2 3 4 5 6 7"), append(all, s.TaskIDs...))
	_, ok = b.Rest()
	require.False(t, ok)
}

// The message of a shard with the longest IDs must not be larger than NATS allows.
func TestBuilder_BoundsTheMessage(t *testing.T) {
	b := shard.Builder{Size: shard.MaxSize}
	for range shard.MaxSize {
		s, ok := b.Add(strings.Repeat("\u0001", shard.MaxID)) // encoded as six bytes
		if ok {
			data, err := s.Encode()
			require.NoError(t, err)
			require.Less(t, len(data), 2<<20)
			return
		}
	}
	t.Fatal("the shard is not bounded")
}

func TestCodec_SurvivesEncoding(t *testing.T) {
	codec, err := shard.NewCodec()
	require.NoError(t, err)
	cursors := make([]xiexus.Cursor, 500)
	for i := range cursors {
		cursors[i] = xiexus.NewCursor(fmt.Sprintf("task_%032x", i))
		cursors[i].NextAt = time.Date(2026, 11, 28, 20, 0, i, 0, time.UTC)
	}
	data, err := codec.Encode(cursors)
	require.NoError(t, err)
	decoded, err := codec.Decode(data)
	require.NoError(t, err)
	require.Equal(t, cursors, decoded)
}

func TestCodec_RejectsWhatAreNoCursors(t *testing.T) {
	codec, err := shard.NewCodec()
	require.NoError(t, err)
	for name, data := range map[string]string{"empty": "", "not compressed": `{"v":1,"cursors":[]}`, "cut": "\x28\xb5\x2f\xfd\x04"} {
		_, err := codec.Decode([]byte(data))
		require.Error(t, err, name)
	}
}

func TestDelay(t *testing.T) {
	now := time.Now()
	at := func(delays ...time.Duration) []xiexus.Cursor {
		var cursors []xiexus.Cursor
		for _, d := range delays {
			cursors = append(cursors, xiexus.Cursor{NextAt: now.Add(d)})
		}
		return cursors
	}
	tests := []struct {
		name    string
		cursors []xiexus.Cursor
		want    time.Duration
	}{
		{"the first that is due", at(9*time.Second, 3*time.Second, 5*time.Second), 3 * time.Second},
		{"overdue", at(time.Second, -time.Second), 0},
		{"never polled", []xiexus.Cursor{{}}, 0},
		{"by a clock that is wrong", at(time.Hour), shard.LongestDelay},
		{"none", nil, shard.LongestDelay},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, shard.Delay(tt.cursors, now)) })
	}
}

func TestMerge(t *testing.T) {
	tests := []struct {
		name    string
		waiting []int
		want    [][]int
	}{
		{"none", nil, nil},
		{"full ones", []int{100, 51, 99}, nil},
		{"one alone", []int{100, 10}, nil},
		{"two", []int{10, 100, 20}, [][]int{{0, 2}}},
		{"two halves", []int{50, 50}, [][]int{{0, 1}}},
		{"more than fit", []int{40, 40, 40, 40}, [][]int{{0, 1}, {2, 3}}},
		{"a last one alone", []int{40, 40, 40}, [][]int{{0, 1}}},
		{"those that have ended", []int{0, 5, 0, 5}, [][]int{{1, 3}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, shard.Merge(tt.waiting, 100)) })
	}
}

func FuzzDecode(f *testing.F) {
	data, err := shard.New("a", "b").Encode()
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := shard.Decode(data)
		if err != nil {
			return
		}
		require.NotEmpty(t, s.Cursors())
		again, err := s.Encode()
		require.NoError(t, err)
		same, err := shard.Decode(again)
		require.NoError(t, err)
		require.Equal(t, s.ID, same.ID)
		require.Len(t, same.TaskIDs, len(s.TaskIDs))
	})
}

func FuzzCodec_Decode(f *testing.F) {
	codec, err := shard.NewCodec()
	require.NoError(f, err)
	data, err := codec.Encode([]xiexus.Cursor{xiexus.NewCursor("a")})
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		cursors, err := codec.Decode(data)
		if err != nil {
			return
		}
		require.LessOrEqual(t, shard.Delay(cursors, time.Now()), shard.LongestDelay)
	})
}
