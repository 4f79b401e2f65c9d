package fetch

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
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
	{"crc32c", func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }},
	{"md5", md5.New},
}

// checksumOf returns the best checksum in a header, or nil. In a 206 some headers
// are about the part.
func checksumOf(header http.Header, whole bool) *checksum {
	told := map[string][]byte{}
	tell := func(name, value string) {
		if sum, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":")); err == nil {
			told[name] = sum
		}
	}
	lists := []string{"Repr-Digest", "Digest", "X-Goog-Hash"} // RFC 9530, RFC 3230, Google Cloud Storage
	if whole {
		lists = append(lists, "Content-Digest") // RFC 9530
		if sum := header.Get("Content-Md5"); sum != "" {
			tell("md5", sum) // RFC 1864
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
	for _, algorithm := range algorithms {
		if want := told[algorithm.name]; len(want) == algorithm.make().Size() {
			return &checksum{name: algorithm.name, want: want, make: algorithm.make}
		}
	}
	return nil
}

// verify compares what came with what the server said.
func (c *checksum) verify(sum []byte) error {
	if bytes.Equal(sum, c.want) {
		return nil
	}
	return fmt.Errorf("%w: its %s is %x, and the server says %x", ErrChecksum, c.name, sum, c.want)
}
