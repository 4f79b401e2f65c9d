package download

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

// checksum is the hash of a video so far, and what the server says that it must be.
type checksum struct {
	hash.Hash
	name string
	want []byte
}

// algorithms are the supported algorithms, best first.
var algorithms = []struct {
	name string
	new  func() hash.Hash
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

// headers hold checksums in base64: one of an algorithm, or any number, each after the
// name of its algorithm.
var headers = []struct {
	name, algorithm string
	inPart          bool // is about the whole video in a 206 too
}{
	{"Repr-Digest", "", true},              // RFC 9530
	{"Content-Digest", "", false},          // RFC 9530
	{"Digest", "", true},                   // RFC 3230
	{"Content-Md5", "md5", false},          // RFC 1864
	{"X-Goog-Hash", "", true},              // Google Cloud Storage
	{"X-Ms-Blob-Content-Md5", "md5", true}, // Azure
	// Amazon S3; those of an upload's parts end in a dash and a number, which is not base64.
	{"X-Amz-Checksum-Sha256", "sha-256", false},
	{"X-Amz-Checksum-Crc64nvme", "crc64nvme", false},
	{"X-Amz-Checksum-Crc32c", "crc32c", false},
	{"X-Amz-Checksum-Crc32", "crc32", false},
	{"X-Amz-Checksum-Sha1", "sha", false},
}

// checksumOf returns the best checksum of the whole video in the header of a 200, or
// else a 206, or nil.
func checksumOf(header http.Header, whole bool) *checksum {
	sums := map[string][]byte{}
	for _, h := range headers {
		if !whole && !h.inPart {
			continue
		}
		for _, entry := range strings.Split(strings.Join(header.Values(h.name), ","), ",") {
			algorithm, value := h.algorithm, entry
			if algorithm == "" {
				algorithm, value, _ = strings.Cut(strings.TrimSpace(entry), "=")
			}
			if sum, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":")); err == nil && len(sum) > 0 {
				sums[strings.ToLower(algorithm)] = sum
			}
		}
	}
	for _, name := range []string{"X-Oss-Hash-Crc64ecma", "X-Cos-Hash-Crc64ecma"} { // Alibaba, Tencent
		if sum, err := strconv.ParseUint(header.Get(name), 10, 64); err == nil {
			sums["crc64ecma"] = binary.BigEndian.AppendUint64(nil, sum)
		}
	}
	return best(sums)
}

// best returns the best of the sums of a video, by algorithm, or nil.
func best(sums map[string][]byte) *checksum {
	for _, algorithm := range algorithms {
		if sum := algorithm.new(); len(sums[algorithm.name]) == sum.Size() {
			return &checksum{Hash: sum, name: algorithm.name, want: sums[algorithm.name]}
		}
	}
	return nil
}

// String returns what parseChecksum parses.
func (c *checksum) String() string { return c.name + "=" + hex.EncodeToString(c.want) }

// parseChecksum returns nil for what it cannot parse.
func parseChecksum(text string) *checksum {
	name, want, _ := strings.Cut(text, "=")
	sum, err := hex.DecodeString(want)
	if err != nil {
		return nil
	}
	return best(map[string][]byte{name: sum})
}

// verify returns [ErrChecksum] if what was hashed is not what the server says.
func (c *checksum) verify() error {
	sum := c.Sum(nil)
	if bytes.Equal(sum, c.want) {
		return nil
	}
	return fmt.Errorf("%w: its %s is %x, and the server says %x", ErrChecksum, c.name, sum, c.want)
}
