// Package migrations holds the schema of our own database (portal) and of the
// ledger that lives inside the messaging store (messaging), as numbered files.
package migrations

import "embed"

// FS has portal/*.sql and messaging/*.sql.
//
//go:embed portal/*.sql messaging/*.sql
var FS embed.FS
