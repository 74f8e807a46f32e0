// Package data carries the files that the program is shipped with: the
// municipalities of Sweden and Norway with their names and boundaries, the
// glossary, and the sample programme of the demo. README.md in this folder says
// where each file comes from and what its licence asks.
package data

import "embed"

// Files holds the data files by their plain names, as "municipalities.csv".
//
//go:embed *.csv *.geojson *.json
var Files embed.FS
