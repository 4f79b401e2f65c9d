package xiexus

import "fmt"

// DownloadOption configures one download.
type DownloadOption func(*downloadConfig)

type downloadConfig struct {
	overwrite bool
	maxSize   int64
	progress  func(done, total int64)
}

func (cfg *downloadConfig) check() error {
	if cfg.maxSize < 0 {
		return fmt.Errorf("WithMaxDownloadSize: %d is negative", cfg.maxSize)
	}
	return nil
}

// WithOverwrite lets DownloadFile replace a file, once the video is whole. By
// default an existing file is an error, fs.ErrExist.
func WithOverwrite() DownloadOption {
	return func(cfg *downloadConfig) { cfg.overwrite = true }
}

// WithMaxDownloadSize limits the video, in bytes; past it the download fails
// with ErrResponseTooLarge, before anything is written where the server tells the
// size. By default, and with 0, there is no limit.
func WithMaxDownloadSize(bytes int64) DownloadOption {
	return func(cfg *downloadConfig) { cfg.maxSize = bytes }
}

// WithDownloadProgress sets a function that hears how many bytes of the video
// there are, and how many it has, or -1 where the server does not tell. A download
// that goes on with an earlier one begins with what that has left. It is called
// for every 256 KiB or less, from the goroutine of the download, which waits for it.
func WithDownloadProgress(progress func(done, total int64)) DownloadOption {
	return func(cfg *downloadConfig) { cfg.progress = progress }
}
