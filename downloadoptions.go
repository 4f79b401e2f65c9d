package xiexus

// DownloadOption configures [Client.Download] and [Client.DownloadFile], which report
// invalid options.
type DownloadOption func(*downloadConfig) error

type downloadConfig struct {
	overwrite bool
	maxSize   int64
	minSpeed  int64
	progress  func(done, total int64)
	savedAs   func(path string)
	index     int
}

// WithOverwrite lets [Client.DownloadFile] replace an existing regular file. By default
// the error wraps [io/fs.ErrExist] if the file exists.
func WithOverwrite() DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.overwrite = true
		return nil
	}
}

// WithMaxDownloadSize limits the size of a video in bytes; a larger one results in
// [ErrResponseTooLarge]. By default, or if it is zero, there is no limit.
func WithMaxDownloadSize(bytes int64) DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.maxSize = bytes
		return notNegative("WithMaxDownloadSize", bytes)
	}
}

// WithMinDownloadSpeed sets how many bytes per second a response must deliver, on average
// over a minute, or over at least ten seconds if it breaks before. A slower one is given up
// and resumed; if [WithMaxRetries] of these follow each other, the download ends with
// [ErrIncomplete]. By default it is 1024; zero means no limit.
func WithMinDownloadSpeed(bytesPerSecond int64) DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.minSpeed = bytesPerSecond
		return notNegative("WithMinDownloadSpeed", bytesPerSecond)
	}
}

// WithDetectedExtension lets [Client.DownloadFile] replace the extension of its path by that
// of the video's format, as its first bytes show it, such as ".webm", if neither the format
// nor the URL of the task has one that is known. It calls fn with the path of the file when
// that is complete. By default the path is used as it is.
func WithDetectedExtension(fn func(path string)) DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.savedAs = fn
		return notNil("WithDetectedExtension", fn == nil)
	}
}

// WithVideoIndex selects the video to download of a task that has several, by its index in
// [Task.URLs]. By default it is the first.
func WithVideoIndex(index int) DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.index = index
		return notNegative("WithVideoIndex", index)
	}
}

// WithDownloadProgress calls fn with the number of bytes downloaded so far, including those
// of an earlier, resumed download, and the size of the video, or -1 if it is not known. It
// is called at least once per 256 KiB, on the goroutine of the download, which blocks until
// fn returns. By default nothing is called.
func WithDownloadProgress(fn func(done, total int64)) DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.progress = fn
		return notNil("WithDownloadProgress", fn == nil)
	}
}
