package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             "Print the version",
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

func (a *app) printVersion() error {
	if a.wantsJSON() {
		build := readBuild()
		return json.NewEncoder(a.Out).Encode(map[string]string{
			"version": moduleVersion(build), "revision": revision(build),
			"go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
		})
	}
	_, err := fmt.Fprintln(a.Out, describeBuild())
	return err
}

// describeBuild returns the version of this program, the commit that it was built from, if
// that is known, and the version of Go.
func describeBuild() string {
	build := readBuild()
	name := moduleVersion(build)
	if commit := revision(build); !strings.Contains(name, commit) {
		name += " " + commit
	}
	return fmt.Sprintf("xiexus %s (%s, %s/%s)", name, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// version returns the version of this program.
func version() string { return moduleVersion(readBuild()) }

// readBuild returns the zero value if the program was built without modules.
func readBuild() debug.BuildInfo {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return debug.BuildInfo{}
	}
	return *build
}

// moduleVersion returns the version of the module as it was downloaded, or as go
// build derived it from version control, or else [xiexus.Version].
func moduleVersion(build debug.BuildInfo) string {
	if v, ok := strings.CutPrefix(build.Main.Version, "v"); ok {
		return v
	}
	return xiexus.Version // the build has none, or "(devel)"
}

// revision returns the commit that the program was built from, if it is known.
func revision(build debug.BuildInfo) string {
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value[:min(12, len(setting.Value))]
		}
	}
	return ""
}
