//go:build race

package registration_test

// raced says that the tests run under the race detector, many times slower.
const raced = true
