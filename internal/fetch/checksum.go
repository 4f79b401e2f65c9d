package fetch

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strconv"
	"strings"
)

// checksum is what a server says that the whole video hashes to.
type checksum struct {
	name string
	want []byte
	make func() hash.Hash
}

// algorithms are the checksums that are understood, best first.
var algorithms = []struct {
	name string
	make func() hash.Hash
}{
	{"sha-256", sha256.New},
	{"sha-512", sha512.New},
	{"crc64ecma", func() hash.Hash { return crc64.New(crc64.MakeTable(crc64.ECMA)) }},
	{"crc64nvme", func() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) }},
	{"crc32c", func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }},
	{"crc32", func() hash.Hash { return crc32.NewIEEE() }},
	{"sha", sha1.New},
	{"md5", md5.New},
}

// amazon are the checksums of S3, and of what speaks like it. It tells those of
// parts in the same headers, but behind a dash, which is no base64.
var amazon = map[string]string{
	"Sha256": "sha-256", "Crc64nvme": "crc64nvme", "Crc32c": "crc32c", "Crc32": "crc32", "Sha1": "sha",
}

// checksumOf returns the best checksum in a header, or nil. In a 206 some headers
// are about the part.
func checksumOf(header http.Header, whole bool) *checksum {
	told := map[string][]byte{}
	tell := func(name, value string) {
		if sum, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":")); err == nil && len(sum) > 0 {
			told[name] = sum
		}
	}
	lists := []string{"Repr-Digest", "Digest", "X-Goog-Hash"} // RFC 9530, RFC 3230, Google Cloud Storage
	tell("md5", header.Get("X-Ms-Blob-Content-Md5"))          // Azure
	if whole {
		lists = append(lists, "Content-Digest") // RFC 9530
		tell("md5", header.Get("Content-Md5"))  // RFC 1864
		for name, algorithm := range amazon {
			tell(algorithm, header.Get("X-Amz-Checksum-"+name))
		}
	}
	for _, name := range lists {
		for _, entry := range strings.Split(strings.Join(header.Values(name), ","), ",") {
			if algorithm, value, found := strings.Cut(strings.TrimSpace(entry), "="); found {
				tell(strings.ToLower(algorithm), value)
			}
		}
	}
	for _, name := range []string{"X-Oss-Hash-Crc64ecma", "X-Cos-Hash-Crc64ecma"} { // Alibaba, Tencent
		if sum, err := strconv.ParseUint(header.Get(name), 10, 64); err == nil {
			told["crc64ecma"] = binary.BigEndian.AppendUint64(nil, sum)
		}
	}
	return best(told)
}

// best returns the best of the checksums that were told, or nil.
func best(told map[string][]byte) *checksum {
	for _, algorithm := range algorithms {
		if want := told[algorithm.name]; len(want) == algorithm.make().Size() {
			return &checksum{name: algorithm.name, want: want, make: algorithm.make}
		}
	}
	return nil
}

// String is what parseChecksum reads.
func (c *checksum) String() string { return c.name + "=" + hex.EncodeToString(c.want) }

// parseChecksum returns nil for what it does not know.
func parseChecksum(text string) *checksum {
	name, want, _ := strings.Cut(text, "=")
	sum, err := hex.DecodeString(want)
	if err != nil {
		return nil
	}
	return best(map[string][]byte{name: sum})
}

// verify compares what came with what the server said.
func (c *checksum) verify(sum []byte) error {
	if bytes.Equal(sum, c.want) {
		return nil
	}
	return fmt.Errorf("%w: its %s is %x, and the server says %x", ErrChecksum, c.name, sum, c.want)
}
