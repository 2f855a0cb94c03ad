// Package datamap declares what a messaging store holds about a person: a YAML
// file, strictly read, that names tables, categories, how a person is found,
// who controls the data, and what each right does to each column.
package datamap
