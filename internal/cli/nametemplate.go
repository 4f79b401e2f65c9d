package cli

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/location"
)

const nameHelp = `--name sets the names of the files. It may contain {id}, which is required if there
may be several tasks; {index}, the number of the video, from 1; {date}, the day on
which the task was submitted, or today if the relay does not report it; with create,
{model} and {prompt}, cut off after 80 bytes; and {ext}, the extension, at its end.
What is not allowed in file names becomes "_". With {date}, --skip-existing has to
read the tasks.`

// nameTemplate is the value of the flag for the names of files, such as
// "{date}-{id}.{ext}". It is empty if the flag is not given.
type nameTemplate string

// maxNameValue is how many bytes of a model or a prompt a file name has.
const maxNameValue = 80

// nameSuffix ends each template: which format a video has is known only when it is
// downloaded.
const nameSuffix = ".{ext}"

// nameField matches a field, or a brace that is not part of one.
var nameField = regexp.MustCompile(`\{[^{}]*\}|[{}]`)

// requestFields returns the fields that only a command that sends the request knows.
func requestFields() []string { return []string{"{model}", "{prompt}"} }

// nameFields returns all fields.
func nameFields() []string {
	return slices.Concat([]string{"{id}", "{index}", "{date}"}, requestFields(), []string{"{ext}"})
}

// String returns the template.
func (t nameTemplate) String() string { return string(t) }

// Type returns the name of the type for the help.
func (nameTemplate) Type() string { return "template" }

// Set checks a template.
func (t *nameTemplate) Set(text string) error {
	stem, complete := strings.CutSuffix(text, nameSuffix)
	for _, field := range nameField.FindAllString(stem, -1) {
		if !slices.Contains(nameFields(), field) {
			return fmt.Errorf("has the unknown field %s; the fields are %s", field, strings.Join(nameFields(), ", "))
		}
	}
	example := nameField.ReplaceAllString(stem, "x")
	switch {
	case strings.ContainsAny(example, `/\`):
		return errors.New("must not contain directories; use --dir")
	case location.SafeText(example, len(example)) != example:
		return errors.New("contains what some systems do not allow in file names")
	case !complete || stem == "" || strings.Contains(stem, "{ext}"):
		return fmt.Errorf("must end in %q, and have {ext} only there", nameSuffix)
	}
	*t = nameTemplate(text)
	return nil
}

// has reports whether the names have one of some fields.
func (t nameTemplate) has(fields ...string) bool {
	return slices.ContainsFunc(fields, func(field string) bool { return strings.Contains(string(t), field) })
}

// withRequest returns the template for the task of a request.
func (t nameTemplate) withRequest(model, prompt string) nameTemplate {
	value := func(text string) string { return cmp.Or(location.SafeText(text, maxNameValue), "_") }
	return nameTemplate(strings.NewReplacer("{model}", value(model), "{prompt}", value(prompt)).Replace(string(t)))
}

// fileName returns the name of the file for one of a task's videos.
func (t nameTemplate) fileName(task *xiexus.Task, index int) string {
	submitted := task.SubmittedAt
	if submitted.IsZero() {
		submitted = time.Now()
	}
	first := task.VideoFileName(0)
	stem := location.SafeStem(strings.NewReplacer(
		"{id}", strings.TrimSuffix(first, filepath.Ext(first)),
		"{index}", strconv.Itoa(index+1),
		"{date}", submitted.Local().Format(time.DateOnly),
	).Replace(strings.TrimSuffix(string(t), nameSuffix)))
	if index > 0 && !t.has("{index}") {
		stem = fmt.Sprintf("%s-%d", stem, index+1)
	}
	return stem + filepath.Ext(task.VideoFileName(index))
}
