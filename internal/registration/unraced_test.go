//go:build !race

package registration_test

const raced = false
