//go:build tools

// Package critest names what the build takes from its module.
package critest

import (
	_ "sigs.k8s.io/cri-tools/cmd/crictl"
)
