package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/openapi"
)

func (a *app) specCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "spec",
		Short:             "Print the OpenAPI document that the client is generated from",
		Example:           `  xiexus spec | jq .paths`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.Out, "%s\n", openapi.Document())
			return err
		},
	}
}
