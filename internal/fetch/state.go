package fetch

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/natefinch/atomic"
)

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

// write replaces the state at once, but does not wait for the disk, which may be
// busy with gigabytes: a state that a power cut spoils is read as none.
func (s state) write(folder string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	name := filepath.Join(folder, stateName)
	if err := os.WriteFile(name+newSuffix, data, 0o666); err != nil {
		return err
	}
	return atomic.ReplaceFile(name+newSuffix, name)
}
