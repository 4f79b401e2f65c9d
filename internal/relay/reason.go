package relay

import (
	"slices"
	"strings"

	"github.com/xiexus/xiexus-go/gen"
)

// reason returns why a task failed or a request was rejected, or an empty string. A reason
// that says nothing is returned only if there is no other.
func (v *value) reason() string {
	var best string
	v.reasons("", deepest, func(reason string) bool {
		if best == "" || !saysNothing(reason) {
			best = reason
		}
		return saysNothing(best)
	})
	return best
}

// reasons calls yield with all that may be a reason, until it returns false. The name is
// that of the member.
func (v *value) reasons(name string, levels int, yield func(string) bool) bool {
	if v == nil || levels == 0 {
		return true
	}
	v.decode()
	for _, element := range v.elements {
		if !element.reasons(name, levels-1, yield) {
			return false
		}
	}
	found := false
	for _, name := range reasonNames {
		more := v.members[name].reasons(name, levels-1, func(reason string) bool {
			found = true
			return yield(reason)
		})
		if !more {
			return false
		}
	}
	if reason := v.text(); !found && v.isReason(name, reason) {
		return yield(reason)
	}
	return true
}

// isReason reports whether the text of a member can be a reason.
func (v *value) isReason(name, text string) bool {
	isText := v.kind() == '"' || slices.Contains([]string{"error", "fail_reason", "message"}, name) && isNumber(text) && text != "0"
	switch status := Translate(text); {
	case !isText, strings.TrimSpace(text) == "":
		return false
	case status != StatusUnknown && status != gen.VideoTaskStatusFailed: // such as "SUCCEED"
		return false
	case name == "result_url":
		return !isVideoURL(text)
	}
	return name != "data" && name != "output" && name != "result" && name != "response"
}

// saysNothing reports whether a reason only repeats that there is one.
func saysNothing(reason string) bool {
	switch strings.Trim(strings.ToLower(reason), " .!。！") {
	case "", "task failed", "task failure", "the task failed", "generation failed", "video generation failed", "generate failed",
		"failed to generate video", "unknown error", "unknown", "internal error", "internal server error", "server error",
		"upstream error", "request failed", "任务失败", "生成失败", "视频生成失败", "未知错误":
		return true
	}
	return Translate(reason) != StatusUnknown
}

// code returns the code of an error or a failed task, or an empty string.
func (v *value) code() string {
	for _, path := range codePlaces {
		if code := strings.TrimSpace(v.at(path).text()); code != "0" && !isAccepted(code) {
			return code
		}
	}
	return ""
}
