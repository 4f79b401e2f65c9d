// Api records the exported API of the public packages in docs/api: a file a package, a
// line a declaration. With -check it writes nothing, and fails if what is recorded differs.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const module = "github.com/xiexus/xiexus-go"

// public are the packages whose exported API is recorded, by import path.
var public = []string{module, module + "/gen", module + "/xiexustest"}

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "write nothing, and fail if what is recorded differs")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, filepath.Join("docs", "api"), *check); err != nil {
		log.Fatal(err)
	}
}

// run reports how the API differs from what is recorded in a directory, and records it, or
// with check returns an error if it differs. The flags are those of the go command.
func run(ctx context.Context, out io.Writer, dir string, check bool, flags ...string) error {
	packages, err := load(ctx, public, flags...)
	if err != nil {
		return err
	}
	var all changes
	for _, pkg := range packages {
		name := strings.TrimSuffix(path.Base(pkg.Path()), "-go")
		file := filepath.Join(dir, name+".txt")
		recorded, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		now := declarations(pkg)
		found := compare(strings.Split(strings.TrimSpace(string(recorded)), "\n"), now)
		found.write(out, name)
		all = all.plus(found)
		if check {
			continue
		}
		if err := os.WriteFile(file, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	if check {
		return all.err()
	}
	return nil
}

// err says what to do about changes that are not recorded.
func (c changes) err() error {
	switch {
	case len(c.breaking) > 0:
		return errors.New("these changes of the exported API break importers. If that is intended, " +
			"add a CHANGELOG entry that says what to do, run make api, and commit docs/api")
	case len(c.added) > 0:
		return errors.New("these additions to the exported API are not recorded: run make api, and commit docs/api")
	}
	return nil
}
