package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/fetch"
	"golang.org/x/sync/errgroup"
)

// download lets two fetchers share the videos.
func (d *Demo) download(ctx context.Context, completed int) error {
	dir := filepath.Join(d.dir, "videos")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	client, err := xiexus.New(append(d.relay.Options(), xiexus.WithLogger(d.logger))...)
	if err != nil {
		return err
	}
	queue, err := d.engine.Downloads(ctx, "videos")
	if err != nil {
		return err
	}
	var saved [2]atomic.Int64
	var group errgroup.Group
	for i := range saved {
		group.Go(func() error {
			return fetch.New(fetch.Config{
				Dir: dir, Concurrency: 4, Attempts: 3, Logger: d.logger,
				Report: func(s fetch.Saved) error {
					if s.Error == nil && !s.Existed {
						saved[i].Add(1)
					}
					return nil
				},
			}, d.engine, queue, client).Run(ctx)
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	first, second := saved[0].Load(), saved[1].Load()
	d.say("%s  Two downloaders shared the videos: %d and %d of %d.", d.clock(), first, second, completed)
	if int(first+second) != completed {
		return fmt.Errorf("%d of %d videos were downloaded; please report this", first+second, completed)
	}
	return nil
}
