package location

import (
	"net/url"
	"strings"
)

// IsContent reports whether u is a content endpoint of the relay with a base URL, for any
// task: /v1/videos/{id}/content, or in newer releases
// /v1/tasks/{id}/artifacts/video/content. It does not compare the origins.
func IsContent(base, u *url.URL) bool {
	path, found := strings.CutPrefix(u.EscapedPath(), base.EscapedPath()+"/v1/")
	kind, rest, _ := strings.Cut(path, "/")
	id, rest, _ := strings.Cut(rest, "/")
	name, err := url.PathUnescape(id)
	if !found || err != nil || name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
		return false // a server may resolve it to another path
	}
	return kind == "videos" && rest == "content" || kind == "tasks" && rest == "artifacts/video/content"
}
