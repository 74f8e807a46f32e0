package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"sync"
	"testing"
	"time"
)

// binary is the program built once, for tests that must kill it.
type binary struct {
	once   sync.Once
	folder string
	path   string
	err    error
}

var built binary

// build builds the program as the tests were built, so that hardly anything has
// to be compiled anew.
func (b *binary) build() {
	if b.folder, b.err = os.MkdirTemp("", "stafett-binary-"); b.err != nil {
		return
	}
	b.path = filepath.Join(b.folder, "stafett")
	args := []string{"build", "-o", b.path}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-tags" || s.Key == "-race" {
				args = append(args, s.Key+"="+s.Value)
			}
		}
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		b.err = fmt.Errorf("%w\n%s", err, out)
	}
}

// remove takes the program away, if any test has built it.
func (b *binary) remove() {
	if b.folder != "" {
		os.RemoveAll(b.folder)
	}
}

// mortal is the built program at work.
type mortal struct {
	server
	command *exec.Cmd
}

// beginMortal starts the program and waits until it serves.
func beginMortal(t *testing.T, args ...string) mortal {
	t.Helper()
	built.once.Do(built.build)
	if built.err != nil {
		t.Fatal(built.err)
	}
	c := exec.Command(built.path, args...)
	c.Env = []string{} // no setting but the arguments
	log, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	m := mortal{command: c}
	t.Cleanup(m.kill)
	base, said := make(chan string, 1), &output{}
	go func() {
		for lines := bufio.NewScanner(log); lines.Scan(); {
			fmt.Fprintln(said, lines.Text())
			if found := regexp.MustCompile(`"base_url":"(http://[^"]+)"`).FindSubmatch(lines.Bytes()); found != nil {
				base <- string(found[1])
			}
		}
		close(base)
	}()
	select {
	case m.base = <-base:
	case <-time.After(patience):
	}
	if m.base == "" {
		t.Fatalf("the program does not serve: %s", said)
	}
	return m
}

// kill is kill -9: the program is not asked.
func (m mortal) kill() {
	m.command.Process.Kill()
	m.command.Wait()
}

// Whoever was told yes gets the letter, and gets it once, also when the program
// is killed between the commit and the mail server.
func TestAfterAKillEveryLetterGoesOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		pause time.Duration // between the answer and the kill
	}{
		{"killed at once", 0},
		{"killed after some attempts", time.Second},
		{"killed in the middle of everything", 300 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file, ev := withSeminar(t)
			office := openPostOffice(t)
			office.close()
			m := beginMortal(t, serveArgs(file, office)...)
			for n := range 3 {
				m.signUp(t, n)
			}
			time.Sleep(tt.pause)
			m.kill()

			office.open(t)
			beginMortal(t, serveArgs(file, office)...)
			await(t, "three letters", func() bool { return len(office.letters()) >= 3 })
			time.Sleep(leaseAndMore)
			once := map[string]int{}
			ids := map[string]bool{}
			for _, l := range office.letters() {
				once[l.to]++
				ids[l.id] = true
			}
			for n := range 3 {
				if once[email(n)] != 1 {
					t.Errorf("%s has %d letters", email(n), once[email(n)])
				}
			}
			if len(ids) != 3 {
				t.Errorf("the letters have the ids %v", ids)
			}
			if got := len(registered(t, file, ev.ID)); got != 3 {
				t.Errorf("%d people are registered", got)
			}
		})
	}
}

// leaseAndMore is longer than the lease of serveArgs and the longest pause
// between attempts: whatever would go a second time has gone by then.
const leaseAndMore = 4 * time.Second

// Nobody can know whether a letter has arrived whose answer was never heard. It
// goes once more, with the same Message-ID, by which mail programs know it.
func TestAfterAKillBeforeTheAnswerTheSameLetterGoesAgain(t *testing.T) {
	t.Parallel()
	file, _ := withSeminar(t)
	office := openPostOffice(t)
	office.hold = make(chan struct{})
	m := beginMortal(t, serveArgs(file, office)...)
	m.signUp(t, 1)
	await(t, "the letter is handed over", func() bool { return len(office.letters()) == 1 })
	m.kill()
	office.mu.Lock()
	close(office.hold)
	office.hold = nil
	office.mu.Unlock()

	beginMortal(t, serveArgs(file, office)...)
	await(t, "the letter once more", func() bool { return len(office.letters()) >= 2 })
	time.Sleep(leaseAndMore)
	letters := office.letters()
	if len(letters) != 2 || letters[0].id == "" || !bytes.Equal(letters[0].data, letters[1].data) {
		t.Errorf("%d letters came; the first two have the ids %q and %q", len(letters), letters[0].id, letters[1].id)
	}
}
