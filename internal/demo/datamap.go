package demo

import _ "embed"

// DataMap is the map of the demo store, in YAML: what is where, whose it is,
// and what each right does to it.
//
//go:embed datamap.yaml
var DataMap []byte
