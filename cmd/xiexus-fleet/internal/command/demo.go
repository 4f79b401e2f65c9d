package command

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/demo"
)

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show a fleet in this process, without an API key or network access",
		Long: `Start a NATS server, a fake relay and three workers in this process, submit 300
tasks, kill a worker while it polls some of them, download the videos, and count
the results: none is lost, and no task has two. Takes about half a minute and
leaves nothing behind.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			say := func(format string, args ...any) { _, _ = fmt.Fprintf(a.Out, format+"\n", args...) }
			return demo.Run(cmd.Context(), say, a.quietLogger())
		},
	}
}
