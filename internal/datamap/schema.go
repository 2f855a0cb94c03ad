package datamap

import (
	_ "embed"
)

// Schema is the JSON Schema (draft 2020-12) of a data map, for editors: names,
// explains and gives an example of each key. Parse reads more strictly.
//
//go:embed schema.json
var Schema []byte
