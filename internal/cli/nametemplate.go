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

const nameHelp = `--name sets the names of the files. It must end in .{ext}, the extension, and may contain
{id}, which is required if there may be several tasks; {index}, the number of the
video, from 1; {date}, the day on which the task was submitted, or today if the relay
does not report it; and with create, {model} and {prompt}, cut off after 80 bytes.
What is not allowed in file names becomes "_". With {date}, --skip-existing has to
read the tasks.`

// nameTemplate is a template for the names of files, such as "{date}-{id}.{ext}". It is
// empty if the flag is not given.
type nameTemplate string

// nameFlag is the flag that sets a template.
type nameFlag struct {
	template *nameTemplate
	fields   []string // those that the command has
}

// maxNameValue is how many bytes of a model or a prompt a file name has.
const maxNameValue = 80

// nameSuffix ends each template: which format a video has is known only when it is
// downloaded.
const nameSuffix = ".{ext}"

// nameField matches a field, or a brace that is not part of one.
var nameField = regexp.MustCompile(`\{[^{}]*\}|[{}]`)

// nameFields returns the fields of all commands that download.
func nameFields() []string { return []string{"{id}", "{index}", "{date}", "{ext}"} }

// createNameFields returns the fields of a command that also knows the request.
func createNameFields() []string {
	return []string{"{id}", "{index}", "{date}", "{model}", "{prompt}", "{ext}"}
}

// String returns the template.
func (f nameFlag) String() string {
	if f.template == nil { // as pflag calls it
		return ""
	}
	return string(*f.template)
}

// Type returns the name of the type for the help.
func (nameFlag) Type() string { return "template" }

// Set sets the template, if it is valid.
func (f nameFlag) Set(text string) error {
	err := checkName(text, f.fields)
	if err == nil {
		*f.template = nameTemplate(text)
	}
	return err
}

// checkName reports what is wrong with a template.
func checkName(text string, fields []string) error {
	stem, complete := strings.CutSuffix(text, nameSuffix)
	for _, field := range nameField.FindAllString(stem, -1) {
		switch {
		case len(field) == 1:
			return fmt.Errorf("has an unmatched %s", field)
		case slices.Contains(fields, field):
		case slices.Contains(createNameFields(), field):
			return fmt.Errorf("has %s, which only create knows; the fields are %s", field, strings.Join(fields, ", "))
		default:
			return fmt.Errorf("has the unknown field %s; the fields are %s", field, strings.Join(fields, ", "))
		}
	}
	example := nameField.ReplaceAllString(stem, "x")
	switch {
	case text == "":
		return errors.New("must not be empty")
	case strings.ContainsAny(example, `/\`):
		return errors.New("must not contain directories; use --dir")
	case !complete || strings.Contains(stem, "{ext}"):
		return fmt.Errorf("must end in %q, and have {ext} only there", nameSuffix)
	case stem == "":
		return fmt.Errorf("must have a name before %q", nameSuffix)
	}
	for _, char := range example {
		if text := string(char); char != ' ' && location.SafeText(text, len(text)) != text {
			return fmt.Errorf("contains %q, which some systems do not allow in file names", char)
		}
	}
	if location.SafeText(example, len(example)) != example {
		return errors.New("must not begin or end with a space, or contain two in a row")
	}
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
	id := strings.TrimSuffix(first, filepath.Ext(first))
	fill := strings.NewReplacer("{id}", id, "{index}", strconv.Itoa(index+1), "{date}", submitted.Local().Format(time.DateOnly)).Replace
	before, after, hasID := strings.Cut(strings.TrimSuffix(string(t), nameSuffix), "{id}")
	if !hasID {
		id = ""
	}
	stem := location.SafeStem(fill(before), id, fill(after))
	if index > 0 && !t.has("{index}") {
		stem = fmt.Sprintf("%s-%d", stem, index+1)
	}
	return stem + filepath.Ext(task.VideoFileName(index))
}
