package user

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

func TestAPasswordFitsItsOwnHashOnly(t *testing.T) {
	h := NewHasher()
	const plain = "tre renar simmar över älven"
	hash, err := h.Hash(plain)
	if err != nil {
		t.Fatal(err)
	}
	if form := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`); !form.MatchString(hash) {
		t.Errorf("the hash is %s", hash)
	}
	for _, tt := range []struct {
		name, plain string
		want        bool
	}{
		{"the same", plain, true},
		{"from a keyboard that sends accents apart", "tre renar simmar o\u0308ver a\u0308lven", true},
		{"with a no-break space", "tre\u00a0renar simmar över älven", true},
		{"in capitals", strings.ToUpper(plain), false},
		{"with a space after it", plain + " ", false},
		{"without accents", "tre renar simmar over alven", false},
		{"nothing", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := h.Verify(hash, tt.plain); got != tt.want {
				t.Errorf("Verify is %t", got)
			}
		})
	}
	again, err := h.Hash(plain)
	if err != nil || again == hash {
		t.Errorf("the same password has the same hash twice, or %v", err)
	}
}

// The hash is one of those in the tests of the reference implementation.
func TestAHashOfAnotherProgramIsRead(t *testing.T) {
	if !NewHasher().Verify("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password") {
		t.Error("it does not fit")
	}
}

func TestWhatIsNoHashFitsNothing(t *testing.T) {
	h := NewHasher()
	good := hashed{current(), make([]byte, saltLength), make([]byte, keyLength)}.String()
	if _, ok := parseHash(good); !ok {
		t.Fatalf("%s is not read", good)
	}
	for _, tt := range []struct{ name, hash string }{
		{"nothing", ""},
		{"a password", "tre renar simmar"},
		{"another algorithm", strings.Replace(good, "argon2id", "argon2i", 1)},
		{"another version", strings.Replace(good, "v=19", "v=16", 1)},
		{"all memory", strings.Replace(good, "m=19456", "m=4294967295", 1)},
		{"too little memory", strings.Replace(good, "m=19456", "m=8", 1)},
		{"no rounds", strings.Replace(good, "t=2", "t=0", 1)},
		{"too many rounds", strings.Replace(good, "t=2", "t=4000000", 1)},
		{"no threads", strings.Replace(good, "p=1", "p=0", 1)},
		{"something after the cost", strings.Replace(good, "p=1", "p=1,x=1", 1)},
		{"cut short", good[:len(good)-30]},
		{"no key", good[:strings.LastIndex(good, "$")+1]},
		{"something more", good + "$"},
		{"no base64", good[:len(good)-1] + "!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, ok := parseHash(tt.hash); ok {
				t.Error("it was read as a hash")
			}
			if h.Verify(tt.hash, "") || h.Verify(tt.hash, tt.hash) {
				t.Error("something fits")
			}
		})
	}
}

func TestOnlyFourPasswordsAreHashedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher()
		for range atOnce {
			h.slots <- struct{}{} // four others are at work
		}
		var mu sync.Mutex
		var done []string
		work := func(name string, fn func()) {
			fn()
			mu.Lock()
			defer mu.Unlock()
			done = append(done, name)
		}
		go work("hash", func() { h.Hash("tre renar simmar") })
		go work("verify", func() { h.Verify("", "tre renar simmar") })
		go work("nothing", func() { h.VerifyNothing("tre renar simmar") })
		synctest.Wait()
		if len(done) != 0 {
			t.Errorf("%v did not wait", done)
		}
		<-h.slots // one of the four is ready
		synctest.Wait()
		slices.Sort(done)
		if want := []string{"hash", "nothing", "verify"}; !slices.Equal(done, want) {
			t.Errorf("done: %v", done)
		}
		if len(h.slots) != atOnce-1 {
			t.Errorf("%d slots are taken, want %d", len(h.slots), atOnce-1)
		}
	})
}

func TestTheListOfCommonPasswordsIsFolded(t *testing.T) {
	list := strings.Split(strings.TrimSuffix(commonPasswords, "\n"), "\n")
	if len(list) < 300 {
		t.Errorf("only %d", len(list))
	}
	for _, w := range list {
		if fold(w) != w || len(w) < 3 {
			t.Errorf("%q could never be met", w)
		}
	}
	if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Error("it is not in order, or has the same twice")
	}
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("Sommar2027!!", "Anna Exempel")
	f.Add("tre renar simmar", "")
	f.Add("\xff\u030a\u030a", "\xff")
	f.Fuzz(func(t *testing.T, plain, word string) {
		err := CheckPassword(plain, word)
		if again := CheckPassword(prepared(plain), word); (err == nil) != (again == nil) {
			t.Errorf("%q: %v, but as it is hashed: %v", plain, err, again)
		}
		if len(plain) < minPassword && err == nil {
			t.Errorf("%q is too short", plain)
		}
	})
}
