package command

import (
	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/flagerror"
)

const rootHelp = `xiexus-fleet waits for video generation tasks on several machines, for more tasks
than one process should hold, or if none may be lost when a machine fails. It
keeps its work in NATS JetStream: on the servers of --nats, or in the directory
of --store, with a server in the process itself.

  xiexus-fleet submit --store work @ids.txt     put tasks into the queue
  xiexus-fleet work --store work                poll them; run as many as you like
  xiexus-fleet status --store work --watch      see what the workers are doing
  xiexus-fleet results --store work             print what became of the tasks
  xiexus-fleet download --store work --dir DIR  save their videos
  xiexus-fleet demo                             see it work: needs no key, no network

Only work and download need the API key, in XIEXUS_API_KEY. It is never stored.

` + exitCodesHelp

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "xiexus-fleet",
		Short:         "Wait for many video generation tasks on several machines",
		Long:          rootHelp,
		Version:       "xiexus-fleet " + xiexus.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagerror.Explain)
	flags := root.PersistentFlags()
	a.store.register(flags)
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print only results and errors")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log every request to standard error")
	root.AddCommand(a.submitCommand(), a.workCommand(), a.resultsCommand(), a.statusCommand(), a.downloadCommand(), a.demoCommand())
	return root
}
