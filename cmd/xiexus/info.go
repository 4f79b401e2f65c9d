package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
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
			_, err := fmt.Fprintf(a.out, "%s\n", openapi.Document())
			return err
		},
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             "Print the version",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if wantsJSON(cmd) {
				return json.NewEncoder(a.out).Encode(map[string]string{
					"version": xiexus.Version, "revision": revision(), "go": runtime.Version(),
					"os": runtime.GOOS, "arch": runtime.GOARCH,
				})
			}
			_, err := fmt.Fprintf(a.out, "xiexus %s (%s, %s/%s)\n",
				strings.TrimSpace(xiexus.Version+" "+revision()), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// wantsJSON reports --output json where text is what a pipe gets otherwise.
func wantsJSON(cmd *cobra.Command) bool {
	output := cmd.Flags().Lookup("output")
	return output.Changed && output.Value.String() == formatJSON
}

// revision is the commit that the program was built from, where the build says.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value[:min(12, len(setting.Value))]
		}
	}
	return ""
}
