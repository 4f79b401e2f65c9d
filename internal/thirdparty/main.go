// Thirdparty lists the third-party modules that the library and the commands contain. It
// writes docs/licenses.md, and fails if a module has a license that is not known to be
// compatible. With -check it writes nothing, and fails if the list differs from that file.
//
// For a release, -texts prints the licenses of what the command contains, and -sbom <binary>
// a software bill of materials of a command that was built, in CycloneDX format.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log"
	"os"
	"path/filepath"
)

const (
	library = "github.com/xiexus/xiexus-go"
	command = library + "/cmd/xiexus"
	fleet   = library + "/cmd/xiexus-fleet" // a module of its own
)

func main() {
	log.SetFlags(0)
	var o options
	flag.BoolVar(&o.check, "check", false, "write nothing, and fail if docs/licenses.md differs")
	flag.BoolVar(&o.texts, "texts", false, "print the licenses of what the command contains")
	flag.StringVar(&o.sbom, "sbom", "", "print a software bill of materials of this `binary`")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, filepath.Join("docs", "licenses.md"), o); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	check, texts bool
	sbom         string
}

// run writes or checks a page with the list, unless the options require something else.
func run(ctx context.Context, out io.Writer, page string, o options) error {
	inCommand, err := modulesOf(ctx, command)
	if err != nil {
		return err
	}
	switch {
	case o.texts:
		return writeTexts(out, inCommand)
	case o.sbom != "":
		return writeSBOM(out, o.sbom, inCommand)
	}
	inLibrary, err := modulesOf(ctx, library)
	if err != nil {
		return err
	}
	inFleet, err := modulesOf(ctx, fleet)
	if err != nil {
		return err
	}
	list := table([]container{{"library", inLibrary}, {"command", inCommand}, {"fleet", inFleet}})
	if !o.check {
		return os.WriteFile(page, []byte(list), 0o644)
	}
	recorded, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	if string(recorded) != list {
		return errors.New("docs/licenses.md does not list what the library and the commands contain now: " +
			"run go run ./internal/thirdparty, review the change, and commit it")
	}
	return nil
}
