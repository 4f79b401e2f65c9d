package ssrf

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// form is a way to write an IPv4 address as the host of a URL.
type form struct {
	name  string
	write func(ip [4]byte) string
	// public reports whether the host is allowed if the address is public.
	public bool
}

// hexPairs writes an IPv4 address as the end of an IPv6 address.
func hexPairs(ip [4]byte) string {
	return fmt.Sprintf("%x:%x", binary.BigEndian.Uint16(ip[:2]), binary.BigEndian.Uint16(ip[2:]))
}

func written(format string) func([4]byte) string {
	return func(ip [4]byte) string { return fmt.Sprintf(format, ip[0], ip[1], ip[2], ip[3]) }
}

func inPairs(format string) func([4]byte) string {
	return func(ip [4]byte) string { return fmt.Sprintf(format, hexPairs(ip)) }
}

func asNumber(format string) func([4]byte) string {
	return func(ip [4]byte) string { return fmt.Sprintf(format, binary.BigEndian.Uint32(ip[:])) }
}

var forms = []form{
	{"dotted", written("%d.%d.%d.%d"), true},
	{"dotted, final dot", written("%d.%d.%d.%d."), true},
	{"IPv4-mapped", written("[::ffff:%d.%d.%d.%d]"), true},
	{"IPv4-mapped, hexadecimal", inPairs("[::ffff:%s]"), true},
	{"IPv4-mapped, capitals", func(ip [4]byte) string { return strings.ToUpper(inPairs("[::ffff:%s]")(ip)) }, true},
	{"IPv4-mapped, in full", written("[0:0:0:0:0:ffff:%d.%d.%d.%d]"), true},
	{"NAT64", written("[64:ff9b::%d.%d.%d.%d]"), true},
	{"NAT64, hexadecimal", inPairs("[64:ff9b:0:0:0:0:%s]"), true},
	{"NAT64 with a zone", written("[64:ff9b::%d.%d.%d.%d%%25eth0]"), false},
	{"IPv4-mapped with a zone", written("[::ffff:%d.%d.%d.%d%%25lo]"), true}, // which is ignored
	{"NAT64 for local use", written("[64:ff9b:1::%d.%d.%d.%d]"), false},
	{"NAT64 for local use, in its middle", inPairs("[64:ff9b:1:%s::]"), false},
	{"IPv4-compatible", written("[::%d.%d.%d.%d]"), false},
	{"IPv4-translated", written("[::ffff:0:%d.%d.%d.%d]"), false},
	{"6to4", inPairs("[2002:%s::1]"), false},
	{"Teredo server", inPairs("[2001:0:%s::1]"), false},
	{"Teredo client", func(ip [4]byte) string {
		return inPairs("[2001:0:808:808:0:0:%s]")([4]byte{^ip[0], ^ip[1], ^ip[2], ^ip[3]})
	}, false},
	{"ISATAP, link-local", written("[fe80::5efe:%d.%d.%d.%d]"), false},
	{"ISATAP, unique local", written("[fd00::200:5efe:%d.%d.%d.%d]"), false},
	{"decimal", asNumber("%d"), false},
	{"decimal, final dot", asNumber("%d."), false},
	{"hexadecimal", asNumber("0x%08x"), false},
	{"hexadecimal, capitals", asNumber("0X%08X"), false},
	{"octal", asNumber("0%o"), false},
	{"octal, in Go", asNumber("0o%o"), false},
	{"binary", asNumber("0b%b"), false},
	{"hexadecimal parts", written("%#02x.%#02x.%#02x.%#02x"), false},
	{"octal parts", written("0%o.0%o.0%o.0%o"), false},
	{"octal and zeros", written("000%o.%d.%d.00%o"), false},
	{"three parts", func(ip [4]byte) string { return fmt.Sprintf("%d.%d.%d", ip[0], ip[1], binary.BigEndian.Uint16(ip[2:])) }, false},
	{"two parts", func(ip [4]byte) string {
		return fmt.Sprintf("%d.%d", ip[0], binary.BigEndian.Uint32(ip[:])&0xffffff)
	}, false},
}

// middle returns the address in the middle of a block.
func middle(first, last netip.Addr) netip.Addr {
	sum := new(big.Int).Add(new(big.Int).SetBytes(first.AsSlice()), new(big.Int).SetBytes(last.AsSlice()))
	ip, _ := netip.AddrFromSlice(sum.Rsh(sum, 1).FillBytes(make([]byte, first.BitLen()/8)))
	return ip
}

// hostsIn returns ways to write the first, the middle and the last address of a block.
func hostsIn(first, last netip.Addr) (hosts []string) {
	for _, ip := range []netip.Addr{first, middle(first, last), last} {
		if ip.Is6() {
			full := ip.StringExpanded()
			hosts = append(hosts, "["+ip.String()+"]", "["+strings.ToUpper(full)+"]", "["+full+"%25eth0]")
			continue
		}
		for _, form := range forms {
			hosts = append(hosts, form.write(ip.As4()))
		}
	}
	return hosts
}

// A host may be in the URL, or what a name resolves to.
func requireRefused(t *testing.T, policy Policy, host string) {
	t.Helper()
	require.ErrorIs(t, policy.CheckURL(parse(t, "http://"+host+"/")), ErrRefused, host)
	literal := strings.ReplaceAll(strings.TrimSuffix(strings.Trim(host, "[]"), "."), "%25", "%")
	if _, err := netip.ParseAddr(literal); err == nil {
		require.ErrorIs(t, policy.Control("tcp", net.JoinHostPort(literal, "443"), nil), ErrRefused, host)
	}
}

// TestPolicy_RefusesEveryForm writes addresses of each block that is not public in each way
// that some resolver, network or parser takes for the address.
func TestPolicy_RefusesEveryForm(t *testing.T) {
	policy, count := NewPolicy("api.example.com", false), 0
	for _, block := range specialBlocks {
		for _, host := range hostsIn(netip.MustParseAddr(block.first), netip.MustParseAddr(block.last)) {
			requireRefused(t, policy, host)
			count++
		}
	}
	for _, name := range []string{"localhost", "LocalHost", "localhost.", "a.localhost", "A.B.LOCALHOST.", "127.0.0.1.localhost", "localhost.localhost"} {
		requireRefused(t, policy, name)
		count++
	}
	require.Equal(t, 1741, count)
}

func TestPolicy_AllowsPublicAddressesInUsualForms(t *testing.T) {
	policy := NewPolicy("api.example.com", false)
	for _, address := range []string{"8.8.8.8", "1.0.0.0", "198.18.0.0", "198.18.255.255", "198.19.255.255"} { // 198.18.0.0/15: see SECURITY.md
		ip := netip.MustParseAddr(address).As4()
		for _, form := range forms {
			if host := form.write(ip); form.public {
				require.NoError(t, policy.CheckURL(parse(t, "http://"+host+"/")), host)
			} else {
				requireRefused(t, policy, host)
			}
		}
	}
}
