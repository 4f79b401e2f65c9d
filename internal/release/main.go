// Command release writes what the release archives contain besides the command and the
// README: completions for shells and man pages. It is a module of its own because the
// generator of man pages needs one that neither the command nor importers may depend on.
//
//	go run . DIRECTORY
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xiexus/xiexus-go/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . DIRECTORY")
		os.Exit(2)
	}
	if err := write(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write writes all files to a directory.
func write(ctx context.Context, dir string) error {
	files := map[string][]byte{}
	if err := addCompletions(ctx, files); err != nil {
		return err
	}
	if err := addManPages(files); err != nil {
		return err
	}
	for name, content := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, content, 0o644); err != nil { //nolint:gosec // for everybody
			return err
		}
	}
	return nil
}

// addCompletions adds a completion script for each shell, under the name that the shell
// looks for.
func addCompletions(ctx context.Context, files map[string][]byte) error {
	for shell, name := range map[string]string{"bash": "xiexus.bash", "zsh": "_xiexus", "fish": "xiexus.fish", "powershell": "xiexus.ps1"} {
		var script bytes.Buffer
		streams := cli.Streams{In: &bytes.Buffer{}, Out: &script, Err: os.Stderr}
		if code := cli.Run(ctx, []string{"completion", shell}, streams); code != 0 {
			return fmt.Errorf("completion %s: exit code %d", shell, code)
		}
		files["completions/"+name] = script.Bytes()
	}
	return nil
}
