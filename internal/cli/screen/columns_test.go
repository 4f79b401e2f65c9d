package screen

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestColumns_FitTheTerminal(t *testing.T) {
	table := Columns{
		Header: []string{"ID", "EMPTY", "PROMPT", "FILE"}, Flexible: 2,
		Rows: [][]string{
			{"task_1", "", "a cat on a piano,\nat night, in the rain", "cat.mp4"},
			{"task_22", "", "钢琴上的猫和雨夜里的街灯", "videos/task_22.mp4"},
		},
	}
	tests := []struct {
		name    string
		columns int
		want    string
	}{
		{"no limit", 0, `
ID       PROMPT                                   FILE
task_1   a cat on a piano, at night, in the rain  cat.mp4
task_22  钢琴上的猫和雨夜里的街灯                 videos/task_22.mp4`},
		{"just enough", 69, `
ID       PROMPT                                   FILE
task_1   a cat on a piano, at night, in the rain  cat.mp4
task_22  钢琴上的猫和雨夜里的街灯                 videos/task_22.mp4`},
		{"the flexible column is cut", 55, `
ID       PROMPT                     FILE
task_1   a cat on a piano, at nig…  cat.mp4
task_22  钢琴上的猫和雨夜里的街灯   videos/task_22.mp4`},
		{"the line is cut", 40, `
ID       PROMPT                FILE
task_1   a cat on a piano, a…  cat.mp4
task_22  钢琴上的猫和雨夜里…   videos/…`},
		{"only the ID is left", 5, `
ID …
task_1
task_22`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			require.NoError(t, table.Print(&out, test.columns))
			require.Equal(t, strings.TrimPrefix(test.want, "\n")+"\n", out.String())
		})
	}
}
