package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go/openapi"
)

const specHelp = `Print the OpenAPI document as published, or the part of it that the client uses,
without the overlay. The client is generated from both: the overlay adds what is
known beyond the document, such as descriptions in English and the operations that
create tasks and deliver videos.`

func (a *app) specCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "spec",
		Short:             "Print the published OpenAPI document",
		Long:              specHelp,
		Example:           `  xiexus spec | jq .paths`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.Out, "%s\n", openapi.Document())
			return err
		},
	}
}
