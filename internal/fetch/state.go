package fetch

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/natefinch/atomic"
)

// stateName is the file that says what the bytes beside it are of.
const stateName = "state.json"

// state says what the bytes of a part are of. It holds no address: those may be
// keys to the video.
type state struct {
	TaskID string `json:"task_id"`
	Identity
}

// readState returns the zero state where there is none that can be read.
func readState(folder string) state {
	var s state
	data, err := os.ReadFile(filepath.Join(folder, stateName))
	if err != nil || json.Unmarshal(data, &s) != nil {
		return state{}
	}
	return s
}

func (s state) write(folder string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return atomic.WriteFile(filepath.Join(folder, stateName), bytes.NewReader(data))
}
