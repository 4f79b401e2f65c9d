package download

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strconv"
	"strings"
)

// algorithms are the supported checksums, best first.
var algorithms = []struct {
	name string
	new  func() hash.Hash
}{
	{"sha-256", sha256.New},
	{"sha-512", sha512.New},
	{"crc64ecma", func() hash.Hash { return crc64.New(crc64.MakeTable(crc64.ECMA)) }},
	{"crc64nvme", func() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) }},
	{"crc32c", func() hash.Hash { return newCRC() }},
	{"crc32", func() hash.Hash { return crc32.NewIEEE() }},
	{"sha", sha1.New},
	{"md5", md5.New},
}

// checksumHeaders hold checksums in base64: one of an algorithm, or any number, each
// after the name of its algorithm.
var checksumHeaders = []struct {
	name, algorithm string
	inPart          bool // is about the complete video in a 206 too
}{
	{"Repr-Digest", "", true},              // RFC 9530
	{"Content-Digest", "", false},          // RFC 9530
	{"Digest", "", true},                   // RFC 3230
	{"Content-Md5", "md5", false},          // RFC 1864
	{"X-Goog-Hash", "", true},              // Google Cloud Storage
	{"X-Ms-Blob-Content-Md5", "md5", true}, // Azure
	// Amazon S3. Those of an upload's parts end in a dash and a number: not base64.
	{"X-Amz-Checksum-Sha256", "sha-256", false},
	{"X-Amz-Checksum-Crc64nvme", "crc64nvme", false},
	{"X-Amz-Checksum-Crc32c", "crc32c", false},
	{"X-Amz-Checksum-Crc32", "crc32", false},
	{"X-Amz-Checksum-Sha1", "sha", false},
}

// checksumOf returns the best checksum of the complete video in the header of a 200, or of
// a 206, such as "crc32c=e3069283", or an empty string.
func checksumOf(header http.Header, complete bool) string {
	sums := map[string]string{}
	for _, h := range checksumHeaders {
		if !complete && !h.inPart {
			continue
		}
		for entry := range strings.SplitSeq(strings.Join(header.Values(h.name), ","), ",") {
			algorithm, value := h.algorithm, entry
			if algorithm == "" {
				algorithm, value, _ = strings.Cut(strings.TrimSpace(entry), "=")
			}
			if sum, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":")); err == nil && len(sum) > 0 {
				sums[strings.ToLower(algorithm)] = hex.EncodeToString(sum)
			}
		}
	}
	for _, name := range []string{"X-Oss-Hash-Crc64ecma", "X-Cos-Hash-Crc64ecma"} { // Alibaba, Tencent
		if sum, err := strconv.ParseUint(header.Get(name), 10, 64); err == nil {
			sums["crc64ecma"] = fmt.Sprintf("%016x", sum)
		}
	}
	for _, algorithm := range algorithms {
		if sum := sums[algorithm.name]; len(sum) == hex.EncodedLen(algorithm.new().Size()) {
			return algorithm.name + "=" + sum
		}
	}
	return ""
}

// newChecksum returns the hash for a checksum, as [checksumOf] returns it, or nil if its
// algorithm is not supported.
func newChecksum(checksum string) hash.Hash {
	for _, algorithm := range algorithms {
		if strings.HasPrefix(checksum, algorithm.name+"=") {
			return algorithm.new()
		}
	}
	return nil
}

// verify returns [ErrChecksum] if a hash is not the checksum that the server reported.
func verify(sum hash.Hash, checksum string) error {
	algorithm, want, _ := strings.Cut(checksum, "=")
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("%w: %s is %s, but the server reported %s", ErrChecksum, algorithm, got, want)
	}
	return nil
}
