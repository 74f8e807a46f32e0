// Package static holds what browsers fetch beside the pages: style sheets, scripts, fonts and
// icons. All of it is part of the binary, and nothing in it is loaded from another host.
package static

import "embed"

// Files has every file that is served under /static, by its path below this folder, as in
// "app.css" or "js/main.js". Style sheets and scripts refer to each other by relative paths,
// so all of them must be served below one common prefix.
//
//go:embed app.css fonts icons js vendor
var Files embed.FS
