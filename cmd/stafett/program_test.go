package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// demoDay is the morning on which every demo of the tests begins, so that its
// events have the same dates whenever the tests are run.
const demoDay = "2027-03-03T08:00"

// output collects what the program writes while the test reads it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// process is run() at work, as after a command typed by a person.
type process struct {
	stdout, stderr *output
	cancel         context.CancelFunc
	ended          chan error
}

// begin starts the program; the test ends it, and looks at how it ended, with
// end. One that the test leaves running is ended after it.
func begin(t *testing.T, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{stdout: &output{}, stderr: &output{}, cancel: cancel, ended: make(chan error, 1)}
	go func() { p.ended <- run(ctx, args, p.stdout, p.stderr) }()
	t.Cleanup(func() { p.end(t) })
	return p
}

// patience is how long anything may take before a test gives up.
const patience = time.Minute

// end cancels the context, as SIGTERM does, and demands that the program ends in
// good order and has logged no fault of its own.
func (p *process) end(t *testing.T) {
	t.Helper()
	if p.ended == nil {
		return
	}
	p.cancel()
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("the program ended with %v", err)
		}
	case <-time.After(patience):
		t.Errorf("the program does not end\n%s", p.stderr)
	}
	p.ended = nil
	for line := range strings.Lines(p.stderr.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			t.Errorf("the program logged a fault: %s", line)
		}
	}
}

// await waits until condition holds.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// find waits until the program has written what the pattern describes, and
// gives what the pattern's brackets hold.
func (p *process) find(t *testing.T, in *output, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	await(t, "the program writes "+pattern, func() bool {
		select {
		case err := <-p.ended:
			p.ended = nil
			t.Fatalf("the program ended with %v\n%s", err, p.stderr)
		default:
		}
		found = re.FindStringSubmatch(in.String())
		return found != nil
	})
	return found
}

// demo is the demo at work, and the addresses that it has printed.
type demo struct {
	*process
	base, organiser, participant string
	database                     string
}

func beginDemo(t *testing.T, more ...string) demo {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stafett.db")
	p := begin(t, append([]string{"demo", "--listen", "127.0.0.1:0", "--now", demoDay, "--database", file}, more...)...)
	p.find(t, p.stdout, `End with Ctrl\+C`)
	return demo{
		process: p, database: file,
		base:        p.find(t, p.stdout, `(http://127\.0\.0\.1:\d+)/events\n`)[1],
		organiser:   p.find(t, p.stdout, `(http://\S+/sign-in/link/\S+)`)[1],
		participant: p.find(t, p.stdout, `(http://\S+/r/\S+)`)[1],
	}
}

// command runs one command to its end and gives what it printed.
func command(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, log output
	err = run(ctx, args, &out, &log)
	return out.String(), err
}

// done runs one command that must succeed.
func done(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	out, err := command(t, args...)
	if err != nil {
		t.Fatalf("stafett %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// TestMain ends what the tests of the package share.
func TestMain(m *testing.M) {
	code := m.Run()
	chromium.quit()
	built.remove()
	os.Exit(code)
}
