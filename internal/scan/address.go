package scan

import (
	"net"
	"path/filepath"
	"strings"

	"freshet/internal/errs"
)

// Off is the setting of a server without a scanner.
const Off = "off"

// Parse reads the setting of a scanner: off, clamd://HOST:PORT or
// clamd:///path/to.sock. Off gives nil.
func Parse(setting string) (*Client, error) {
	if setting == "" || setting == Off {
		return nil, nil
	}
	rest, ok := strings.CutPrefix(setting, "clamd://")
	switch {
	case !ok || rest == "":
	case rest[0] == '/':
		return newClient("unix", filepath.FromSlash(rest)), nil
	default:
		if host, port, err := net.SplitHostPort(rest); err == nil && host != "" && port != "" {
			return newClient("tcp", rest), nil
		}
	}
	return nil, errs.E(errs.Invalid, "bad-setting", "--scan %q is none of off, clamd://HOST:PORT, clamd:///path/to.sock", setting).WithHint("freshet serve --help")
}

func newClient(network, address string) *Client {
	return &Client{network, address, make(chan struct{}, AtOnce)}
}
