package config_test

import (
	"net/netip"
	"testing"

	"freshet/internal/config"
)

// FuzzSize: a size that is taken reads back as it is written.
func FuzzSize(f *testing.F) {
	for _, s := range []string{"0", "1KiB", "64 MiB", "9223372036854775807", "4194304TiB", "-1", "1e3", "B", " 1", "0x10", "١KiB", "18446744073709551616"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var s, again config.Size
		if s.UnmarshalText([]byte(in)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s || s < 0 {
			t.Errorf("%q is %d, written %s, read as %d, %v", in, s, s, again, err)
		}
	})
}

// FuzzProxy: what is taken for a proxy is never everybody.
func FuzzProxy(f *testing.F) {
	for _, s := range []string{"10.0.0.0/8", "10.1.2.3", "::1", "fd00::/8", "none", "0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96", "fe80::1%eth0", "10.0.0.0/33", " 10.0.0.1 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var p config.Proxy
		if p.UnmarshalText([]byte(in)) != nil {
			return
		}
		c := config.Config{BehindProxy: []config.Proxy{p}}
		for _, n := range c.Networks() {
			if !n.IsValid() || n.Bits() < 1 || n.Masked() != n || n.Contains(netip.MustParseAddr("0.0.0.1")) && n.Contains(netip.MustParseAddr("255.0.0.1")) {
				t.Errorf("%q is %s", in, n)
			}
		}
	})
}
