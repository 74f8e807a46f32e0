package schedule

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"stafett/internal/message"
)

// A job that organisers do not see can stand still for weeks; one that is late
// before its next turn is shown as broken when it is not.
func TestOrganisersSeeEveryJob(t *testing.T) {
	within := map[string]time.Duration{}
	for _, r := range message.Regulars {
		within[r.Name] = r.Within
	}
	for _, j := range jobs {
		when, err := cron.ParseStandard(j.when)
		if err != nil {
			t.Fatal(err)
		}
		first := when.Next(time.Date(2027, 3, 3, 0, 0, 0, 0, time.UTC))
		if every := when.Next(first).Sub(first); within[j.name] <= every {
			t.Errorf("%s runs every %v and is late after %v", j.name, every, within[j.name])
		}
		delete(within, j.name)
	}
	delete(within, "mail") // which runs in its own package
	if len(within) > 0 {
		t.Errorf("nothing runs as %v", within)
	}
}
