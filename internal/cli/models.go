package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

func (a *app) modelsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "models",
		Short: "List the models that the key may use",
		Long: `Print the names of the models that the key may use, one per line. They are of
every kind: relays do not say which of them generate videos.`,
		Example: `  xiexus models
  xiexus models | grep -i kling`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.models(cmd.Context()) },
	}
}

func (a *app) models(ctx context.Context) error {
	client, err := a.newClient(ctx)
	if err != nil {
		return err
	}
	names, err := client.Models(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		a.note("the relay lists no models for this key")
	}
	for _, name := range names {
		line := screen.Line(name)
		if a.wantsJSON() {
			object, _ := json.Marshal(map[string]string{"id": name})
			line = string(safetext.JSON(object))
		}
		if _, err := fmt.Fprintln(a.Out, line); err != nil {
			return err
		}
	}
	return nil
}

// completeModels lets shells complete the name of a model, if the relay lists them soon.
func (a *app) completeModels(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("model", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		const soon = 3 * time.Second
		ctx, cancel := context.WithTimeout(cmd.Context(), soon)
		defer cancel()
		a.output.quiet = true // a shell is editing a command line
		client, err := a.newClient(ctx, xiexus.WithMaxRetries(0))
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names, _ := client.Models(ctx)
		for i, name := range names {
			names[i] = screen.Line(name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
}
