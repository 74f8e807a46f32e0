package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheKeyFileOfPersonalNumbersIsLookedAt(t *testing.T) {
	short, open := filepath.Join(t.TempDir(), "short"), filepath.Join(t.TempDir(), "open")
	for file, mode := range map[string]os.FileMode{short: 0o600, open: 0o644} {
		if err := os.WriteFile(file, []byte("for kort"), mode); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string]string{"/nowhere/aid.key": "no such file", short: "at least 32", open: "chmod 600"} {
		if _, err := (webSettings{AidKeyFile: file}).aidKeys(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "STAFETT_AID_KEY_FILE") {
			t.Errorf("%s: %v", file, err)
		}
	}
	if keys, err := (webSettings{}).aidKeys(); keys != nil || err != nil {
		t.Errorf("without a file: %v, %v", keys, err)
	}
}
