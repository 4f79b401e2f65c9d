package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"github.com/xiexus/xiexus-go"
)

const hooksHelp = `--exec runs a command in a shell, and --webhook sends a POST request, once for each
task that has ended. Both receive the task in JSON, as it is printed, with the fields
"exit_code", which is what the exit code would be for this task alone, and "reason",
the error if there is one. A command gets it on standard input; its output appears on
standard error, and its environment has no API key. Up to four run at a time, each for
at most --hook-timeout. If one fails, the error is reported, and the exit code is 1
unless a task had an error; the tasks are not affected. A task that is interrupted has
not ended.`

// hookOptions are the flags for what to do when a task has ended.
type hookOptions struct {
	command string
	webhook string
	timeout time.Duration
}

const defaultHookTimeout = 5 * time.Minute

func (o *hookOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.command, "exec", "", "command to run for each task that has ended, with the task in JSON on standard input")
	flags.StringVar(&o.webhook, "webhook", "", "URL to send each task that has ended to, in JSON")
	flags.DurationVar(&o.timeout, "hook-timeout", defaultHookTimeout, "time limit for each --exec command and --webhook request")
}

func (o *hookOptions) check() error {
	if o.timeout <= 0 && o.isSet() {
		return usageError{errors.New("--hook-timeout must be positive")}
	}
	if o.webhook == "" {
		return nil
	}
	target, err := url.Parse(o.webhook)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return usageError{errors.New("--webhook must be an http or https URL")} // it may be a secret
	}
	return nil
}

func (o *hookOptions) isSet() bool { return o.command != "" || o.webhook != "" }

// args returns the flags as they are given to a command that resumes this one. The URL of
// a webhook is often a secret.
func (o *hookOptions) args() []string {
	var args []string
	if o.command != "" {
		args = append(args, "--exec", o.command)
	}
	if o.webhook != "" {
		args = append(args, "--webhook", "URL")
	}
	if o.isSet() && o.timeout != defaultHookTimeout {
		args = append(args, "--hook-timeout", o.timeout.String())
	}
	return args
}

const (
	// maxHooks is how many hooks run concurrently.
	maxHooks = 4
	// maxPendingHooks is how many more may be due before tasks have to wait for them.
	maxPendingHooks = 1000
)

// hooks runs what is to be done for tasks that have ended.
type hooks struct {
	app     *app
	options *hookOptions
	http    *http.Client
	due     chan endedTask
	workers sync.WaitGroup

	lock      sync.Mutex
	succeeded int
	failed    int
	notRun    []string // the tasks for which it was too late
}

// endedTask is a task that hooks are run for.
type endedTask struct {
	id   string
	json []byte
}

// startHooks returns nil if there is nothing to do.
func (a *app) startHooks(ctx context.Context, options *hookOptions) *hooks {
	if !options.isSet() {
		return nil
	}
	h := &hooks{app: a, options: options, http: newWebhookClient(), due: make(chan endedTask, maxPendingHooks)}
	for range maxHooks {
		h.workers.Go(func() {
			for task := range h.due {
				h.runAll(ctx, task)
			}
		})
	}
	return h
}

// add runs the hooks for a task soon.
func (h *hooks) add(outcome xiexus.Outcome, video saved) {
	if h == nil {
		return
	}
	h.due <- endedTask{outcome.TaskID, h.app.outcomeJSON(outcome, video)}
}

// runAll runs the hooks for a task and reports their errors.
func (h *hooks) runAll(ctx context.Context, task endedTask) {
	for _, hook := range []struct {
		flag, value string
		run         func(context.Context, []byte) error
	}{
		{"--exec", h.options.command, h.exec},
		{"--webhook", h.options.webhook, h.post},
	} {
		switch {
		case hook.value == "":
		case ctx.Err() != nil:
			h.count(&h.failed, task.id)
		default:
			h.run(ctx, task, hook.flag, hook.run)
		}
	}
}

func (h *hooks) run(ctx context.Context, task endedTask, flag string, run func(context.Context, []byte) error) {
	limited, cancel := context.WithTimeout(ctx, h.options.timeout)
	defer cancel()
	err := run(limited, task.json)
	switch {
	case err == nil:
		h.count(&h.succeeded)
		return
	case ctx.Err() != nil:
		err = interruptedError{}
	case limited.Err() != nil:
		err = fmt.Errorf("not done after %s; see --hook-timeout", h.options.timeout)
	}
	h.count(&h.failed)
	h.app.printError(fmt.Errorf("%s for task %q: %w", flag, task.id, err))
}

// count counts a hook, and remembers the tasks for which it was not run.
func (h *hooks) count(counter *int, notRun ...string) {
	h.lock.Lock()
	defer h.lock.Unlock()
	*counter++
	h.notRun = append(h.notRun, notRun...)
}

// wait waits for the hooks. No more may be added.
func (h *hooks) wait() {
	if h == nil {
		return
	}
	close(h.due)
	h.workers.Wait()
	h.http.CloseIdleConnections()
}

// err returns the error of the command for hooks that failed, or nil.
func (h *hooks) err() error {
	switch {
	case h == nil || h.failed == 0:
		return nil
	case len(h.notRun) > 0:
		return fmt.Errorf("--exec or --webhook was not run for: %s", namedTasks(h.notRun))
	}
	return fmt.Errorf("%d of %d runs of --exec or --webhook failed; see above", h.failed, h.failed+h.succeeded)
}

// outcomeJSON returns what hooks receive.
func (a *app) outcomeJSON(outcome xiexus.Outcome, video saved) []byte {
	task := outcome.Task
	if task == nil {
		task = &xiexus.Task{}
		task.TaskID, task.Status = outcome.TaskID, xiexus.StatusUnknown
	}
	result := struct {
		taskJSON
		ExitCode int    `json:"exit_code"`
		Reason   string `json:"reason,omitempty"`
	}{taskJSON: newTaskJSON(task, video), ExitCode: exitCode(outcome.Err)}
	if outcome.Err != nil {
		result.Reason = a.errorText(outcome.Err)
	}
	line, err := encodeLine(result)
	if err != nil { // a task that cannot be printed either
		return nil
	}
	return a.secret.Redact(line)
}
