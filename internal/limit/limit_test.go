package limit_test

import (
	"testing"
	"time"

	"stafett/internal/limit"
	"stafett/internal/store/storetest"
)

func TestOneCallerIsSlowedAndOthersAreNot(t *testing.T) {
	var clock storetest.Clock
	clock.Set(time.Date(2027, 1, 13, 9, 0, 0, 0, time.UTC))
	l := limit.New(3, time.Minute, clock.Now)
	for i := range 3 {
		if ok, _ := l.Allow("a"); !ok {
			t.Errorf("try %d is refused", i+1)
		}
	}
	ok, wait := l.Allow("a")
	if ok || wait <= 0 || wait > 20*time.Second {
		t.Errorf("the fourth: %v, wait %v", ok, wait)
	}
	if ok, _ := l.Allow("b"); !ok {
		t.Error("another caller is refused")
	}
	clock.Advance(wait)
	if ok, _ := l.Allow("a"); !ok {
		t.Error("after waiting it is refused still")
	}
}
