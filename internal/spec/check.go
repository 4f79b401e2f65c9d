package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// generatedFiles have comments that come from the document.
var generatedFiles = []string{"gen/client.gen.go", "gen/server/server.gen.go", "models.gen.go"}

// readmes list the statuses.
var readmes = []string{"README.md", "README.zh-CN.md"}

// check returns an error that names what our document has and nobody has described.
func (t *tool) check() error {
	published, err := os.ReadFile(t.path(documentFile))
	if err != nil {
		return err
	}
	document, err := t.load(published, true)
	if err != nil {
		return err
	}
	var problems []error
	for _, target := range factsOf(document).undescribed() {
		problems = append(problems, fmt.Errorf("%s: describe %s in English", overlayFile, target))
	}
	return errors.Join(append(problems, t.checkLanguage(), t.checkStatuses(document))...)
}

// undescribed returns the selectors of what needs a description in English, which becomes
// the Go doc comment, and has none.
func (f facts) undescribed() []string {
	targets := map[string]bool{} // a parameter of a path belongs to several operations
	for _, thing := range f {
		if thing.undescribed() {
			targets[thing.target] = true
		}
	}
	return slices.Sorted(maps.Keys(targets))
}

func (f fact) undescribed() bool {
	return f.kind != "value" && f.kind != "body" && (f.description == "" || hasChinese(f.description))
}

func hasChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// checkLanguage reports what else of the generated code is not in English, such as examples.
func (t *tool) checkLanguage() error {
	var problems []error
	for _, name := range generatedFiles {
		code, err := os.ReadFile(t.path(name))
		if err != nil {
			return err
		}
		number := 0
		for line := range strings.Lines(string(code)) {
			if number++; hasChinese(line) {
				problems = append(problems, fmt.Errorf("%s:%d: describe this in English in %s: %s", name, number, overlayFile, strings.TrimSpace(line)))
			}
		}
	}
	return errors.Join(problems...)
}

// statusList matches the list of statuses in a README.
var statusList = regexp.MustCompile("`queued`(?:(?:, or |, | or |、| 或 )`[^`]+`)+")

// checkStatuses reports texts that do not have the statuses of a document.
func (t *tool) checkStatuses(document *openapi3.T) error {
	statuses := statusesOf(document)
	var problems []error
	for _, name := range readmes {
		text, err := os.ReadFile(t.path(name))
		if err != nil {
			return err
		}
		listed := strings.Split(statusList.FindString(string(text)), "`")
		for _, status := range append(slices.Clone(statuses), string(relay.StatusUnknown)) {
			if !slices.Contains(listed, status) {
				problems = append(problems, fmt.Errorf("%s: add %s to the list of statuses", name, status))
			}
		}
		for i := 1; i < len(listed); i += 2 {
			if status := listed[i]; status != string(relay.StatusUnknown) && !slices.Contains(statuses, status) {
				problems = append(problems, fmt.Errorf("%s: remove %s from the list of statuses", name, status))
			}
		}
	}
	texts := statusTexts(document)
	for _, target := range slices.Sorted(maps.Keys(texts)) {
		for _, status := range statuses {
			if !strings.Contains(texts[target], fmt.Sprintf("%q", status)) {
				problems = append(problems, fmt.Errorf("%s: the description of %s does not say what %q means", overlayFile, target, status))
			}
		}
	}
	return errors.Join(problems...)
}

// statusTexts returns the descriptions that explain the statuses, by selector.
func statusTexts(document *openapi3.T) map[string]string {
	texts := map[string]string{}
	if item := document.Paths.Value(taskPath); item != nil && item.Get != nil {
		texts["$.paths"+child(taskPath)+".get"] = item.Get.Description
	}
	if status, ok := factsOf(document)["VideoTask.status"]; ok {
		texts[status.target] = status.description
	}
	return texts
}
