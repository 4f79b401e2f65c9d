package cli

import (
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/requestfile"
)

const (
	imageAsData   = "data"
	imageAsBase64 = "base64"
)

// defaultImageSize is what most vendors accept.
const defaultImageSize = 10_000_000

// imageOptions are the flags of create for images. An image is a URL, a data URL, base64,
// or the name of a file.
type imageOptions struct {
	as      string
	maxSize size
}

func (o *imageOptions) register(cmd *cobra.Command) {
	o.maxSize = defaultImageSize
	cmd.Flags().StringVar(&o.as, "image-as", imageAsData, "how to send the image in a file: as a data URL (data), or bare (base64), which some vendors require")
	cmd.Flags().Var(&o.maxSize, "max-image-size", "maximum size of an image")
	cmd.Flags().Lookup("max-image-size").DefValue = "10MB"
	completeValues(cmd, "image-as", []string{imageAsData, imageAsBase64})
}

func (o *imageOptions) checkFlags() error {
	switch o.as {
	case imageAsData, imageAsBase64:
		return nil
	}
	return fmt.Errorf("--image-as must be data or base64, got %q", o.as)
}

// check reports what is wrong with an image, without reading all of a file.
func (o *imageOptions) check(image string) error {
	encoded, isEncoded := encodedImage(image)
	switch {
	case isURL(image):
		return nil
	case isEncoded:
		return o.checkSize(int64(base64.StdEncoding.DecodedLen(len(encoded))))
	case isDataURL(image):
		return fmt.Errorf("%.40q is not an image in base64", image)
	}
	start, info, err := startOf(image)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular() || imageType(start) == "":
		return fmt.Errorf("%s is not an image", image)
	}
	return o.checkSize(info.Size())
}

// startOf returns the first bytes of a file.
func startOf(name string) ([]byte, os.FileInfo, error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() { // opening a pipe would wait for a writer
		return nil, info, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	start, err := io.ReadAll(io.LimitReader(file, sniffedSize))
	return start, info, err
}

func (o *imageOptions) checkSize(bytes int64) error {
	if bytes > int64(o.maxSize) {
		return fmt.Errorf("the image has %s, more than %s; see --max-image-size",
			humanize.Bytes(uint64(bytes)), humanize.Bytes(uint64(o.maxSize)))
	}
	return nil
}

// load returns an image as it is sent: a file is encoded.
func (o *imageOptions) load(image string) (string, error) {
	if err := o.check(image); err != nil {
		return "", err
	}
	if _, isEncoded := encodedImage(image); isEncoded || isURL(image) {
		return image, nil
	}
	content, err := os.ReadFile(image)
	if err != nil {
		return "", err
	}
	encoded := base64.StdEncoding.EncodeToString(content)
	if o.as == imageAsBase64 {
		return encoded, nil
	}
	return "data:" + imageType(content) + ";base64," + encoded, nil
}

// checkFields reports what is wrong with a request before anything is sent.
func (o *imageOptions) checkFields(f requestfile.Fields) error {
	if err := f.Check(); err != nil {
		return err
	}
	return f.EachImage(func(image string) (string, error) { return image, o.check(image) })
}

// loadFields returns a request with the contents of its images.
func (o *imageOptions) loadFields(f requestfile.Fields) (xiexus.CreateRequest, error) {
	loaded := maps.Clone(f)
	if err := loaded.EachImage(o.load); err != nil {
		return xiexus.CreateRequest{}, err
	}
	return loaded.Request()
}

func isURL(image string) bool     { return hasScheme(image, "http://") || hasScheme(image, "https://") }
func isDataURL(image string) bool { return hasScheme(image, "data:") }

func hasScheme(image, scheme string) bool {
	return len(image) >= len(scheme) && strings.EqualFold(image[:len(scheme)], scheme)
}

// encodedImage returns the base64 of an image that is not a file, and whether it is one.
func encodedImage(image string) (encoded string, ok bool) {
	encoded = image
	if isDataURL(image) {
		var header string
		if header, encoded, _ = strings.Cut(image, ","); !strings.HasSuffix(strings.ToLower(header), ";base64") {
			return "", false
		}
	}
	start := encoded[:min(len(encoded), sniffedSize)/4*4]
	content, err := base64.StdEncoding.DecodeString(start)
	return encoded, err == nil && imageType(content) != ""
}

// sniffedSize is how much of a file shows whether it is an image. It is a multiple of 4,
// for base64.
const sniffedSize = 512

// imageType returns the media type of an image by its first bytes, or an empty string if
// it is not an image.
func imageType(content []byte) string {
	start := string(content[:min(len(content), sniffedSize)])
	switch { // those that net/http does not know
	case strings.HasPrefix(start, "II*\x00"), strings.HasPrefix(start, "MM\x00*"):
		return "image/tiff"
	case isContainer(start, "avif", "avis"):
		return "image/avif"
	case isContainer(start, "heic", "heix", "heim", "heis", "mif1", "msf1"):
		return "image/heic"
	}
	if mediaType := http.DetectContentType([]byte(start)); strings.HasPrefix(mediaType, "image/") {
		return mediaType
	}
	return ""
}

// isContainer reports whether a file is an ISO container of one of some brands. Videos are
// in containers of other brands.
func isContainer(start string, brands ...string) bool {
	return len(start) >= 12 && start[4:8] == "ftyp" && slices.Contains(brands, start[8:12])
}
