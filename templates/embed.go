// Package templates holds the pages and letters, embedded in the program.
package templates

import "embed"

// Files are all templates.
//
//go:embed *.html pages partials mail
var Files embed.FS
