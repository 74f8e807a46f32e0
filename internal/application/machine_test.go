package application_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stafett/internal/advisory"
	"stafett/internal/application"
	"stafett/internal/application/applicationtest"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// model is what a case should be, kept without our own code.
type model struct {
	status        application.Status
	granted, back int64
	awaited, paid int64
	person        string
	phase         int
}

// allowed is the table of steps, written down a second time.
var allowed = map[application.Status][]application.Status{
	application.Submitted:   {application.NeedsInfo, application.Assessed, application.Withdrawn},
	application.NeedsInfo:   {application.Submitted, application.Assessed, application.Withdrawn},
	application.Assessed:    {application.NeedsInfo, application.Granted, application.Rejected, application.Withdrawn},
	application.Granted:     {application.Running, application.Closed},
	application.Running:     {application.FinalReport, application.Closed},
	application.FinalReport: {application.Running, application.Closed},
}

// TestWhateverIsDoneCasesAndPotAgreeWithTheModel lets applicants and organisers do
// anything in any order, also what is not allowed, and compares with the model
// after each step.
func TestWhateverIsDoneCasesAndPotAgreeWithTheModel(t *testing.T) {
	for name, value := range map[string]string{"rapid.checks": "10", "rapid.steps": "90"} {
		if f := flag.Lookup(name); f.Value.String() == f.DefValue {
			if err := f.Value.Set(value); err != nil {
				t.Fatal(err)
			}
		}
	}
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		db, _ := storetest.New(t)
		defer db.Close()
		by := applicationtest.Setup(t, db)
		cases := map[string]*model{}
		left := func() (sum int64) {
			sum = applicationtest.Pot
			for _, m := range cases {
				sum -= m.granted - m.back
			}
			return sum
		}
		one := func(rt *rapid.T) (string, *model) {
			if len(cases) == 0 {
				rt.Skip()
			}
			id := rapid.SampledFrom(slices.Sorted(maps.Keys(cases))).Draw(rt, "case")
			return id, cases[id]
		}
		// try does something and compares whether it was refused with what the model says.
		try := func(rt *rapid.T, what string, may bool, fn func(context.Context, *store.Tx) error) bool {
			err := db.Write(ctx, func(tx *store.Tx) error { return fn(ctx, tx) })
			if _, refusal := problem.As(err); err != nil && !refusal {
				rt.Fatalf("%s: %v", what, err)
			}
			if (err == nil) != may {
				rt.Fatalf("%s: %v, the model says %v", what, err, may)
			}
			if err == nil {
				done[what]++
			}
			return err == nil
		}
		to := func(m *model, s application.Status) bool { return slices.Contains(allowed[m.status], s) }
		amount := func(rt *rapid.T, name string) int64 {
			return rapid.OneOf(rapid.Just(int64(applicationtest.Most)), rapid.Int64Range(0, applicationtest.Most+1), rapid.Just(int64(1))).Draw(rt, name)
		}
		actions := map[string]func(*rapid.T){
			"submit": func(rt *rapid.T) {
				if len(cases) >= 7 {
					return
				}
				a := applicationtest.Submitted(t, db, len(cases))
				if want := fmt.Sprintf("2027-%d", len(cases)+1); a.Number != want {
					rt.Fatalf("the case has number %s, want %s", a.Number, want)
				}
				applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error {
					_, err := store.Exec(ctx, tx, `UPDATE contact SET status = 'confirmed'`)
					return err
				})
				cases[a.ID] = &model{status: application.Submitted, person: a.PersonID}
			},
			"ask": func(rt *rapid.T) {
				id, m := one(rt)
				if try(rt, "ask", to(m, application.NeedsInfo) || m.status == application.FinalReport, func(ctx context.Context, tx *store.Tx) error {
					return application.AskMore(ctx, tx, id, "Kven eig løysinga?", "2027-02-01", by)
				}) {
					if m.status == application.FinalReport { // the report goes back
						m.status = application.Running
					} else {
						m.status = application.NeedsInfo
					}
				}
			},
			"answer": func(rt *rapid.T) {
				id, m := one(rt)
				if try(rt, "answer", m.status == application.NeedsInfo, func(ctx context.Context, tx *store.Tx) error {
					return application.Answer(ctx, tx, m.person, id, "Kommunen.")
				}) {
					m.status = application.Submitted
				}
			},
			"assess": func(rt *rapid.T) {
				id, m := one(rt)
				if try(rt, "assess", to(m, application.Assessed), func(ctx context.Context, tx *store.Tx) error { return application.Assess(ctx, tx, id, by) }) {
					m.status = application.Assessed
				}
			},
			"grant": func(rt *rapid.T) {
				id, m := one(rt)
				minor := amount(rt, "minor")
				may := to(m, application.Granted) && minor <= applicationtest.Most && minor <= left()
				if try(rt, "grant", may, func(ctx context.Context, tx *store.Tx) error {
					return application.GrantTo(ctx, tx, id, application.Award{Minor: minor, Minutes: 2400}, by)
				}) {
					m.status, m.granted = application.Granted, minor
				}
			},
			"grant the most": func(rt *rapid.T) {
				id, m := one(rt)
				if m.status == application.Submitted {
					applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error { return application.Assess(ctx, tx, id, by) })
					m.status = application.Assessed
				}
				if try(rt, "grant", to(m, application.Granted) && applicationtest.Most <= left(), func(ctx context.Context, tx *store.Tx) error {
					return application.GrantTo(ctx, tx, id, application.Award{Minor: applicationtest.Most, Minutes: 2400}, by)
				}) {
					m.status, m.granted = application.Granted, applicationtest.Most
				}
			},
			"reject": func(rt *rapid.T) {
				id, m := one(rt)
				if try(rt, "reject", to(m, application.Rejected), func(ctx context.Context, tx *store.Tx) error {
					return application.Reject(ctx, tx, id, "Utanfor ordninga.", by)
				}) {
					m.status = application.Rejected
				}
			},
			"withdraw": func(rt *rapid.T) {
				id, m := one(rt)
				if try(rt, "withdraw", to(m, application.Withdrawn), func(ctx context.Context, tx *store.Tx) error { return application.Withdraw(ctx, tx, m.person, id) }) {
					m.status = application.Withdrawn
				}
			},
			"start": func(rt *rapid.T) {
				id, m := one(rt)
				if try(rt, "start", m.status == application.Granted, func(ctx context.Context, tx *store.Tx) error { return application.Start(ctx, tx, id, by) }) {
					m.status, m.phase = application.Running, 0
				}
			},
			"phase": func(rt *rapid.T) {
				id, m := one(rt)
				phase := rapid.IntRange(-1, 5).Draw(rt, "phase")
				if try(rt, "phase", m.status == application.Running && phase >= 0 && phase < 5, func(ctx context.Context, tx *store.Tx) error {
					return application.ToPhase(ctx, tx, id, phase, by)
				}) {
					m.phase = phase
				}
			},
			"payout": func(rt *rapid.T) {
				id, m := one(rt)
				minor := amount(rt, "minor")
				net := m.granted - m.back
				most := net - m.awaited - m.paid
				if m.status != application.FinalReport {
					most = min(most, net*75/100-m.awaited-m.paid)
				}
				live := m.status == application.Granted || m.status == application.Running || m.status == application.FinalReport
				if try(rt, "payout", live && minor > 0 && minor <= most, func(ctx context.Context, tx *store.Tx) error {
					return application.AskPayout(ctx, tx, id, minor, "", audit.Actor{Kind: "person", ID: m.person})
				}) {
					m.awaited += minor
				}
			},
			"answer payout": func(rt *rapid.T) {
				id, m := one(rt)
				var all []application.Payout
				storetest.Read(t, db, func(tx *store.Tx) (err error) { all, err = application.Payouts(ctx, tx, id); return err })
				if len(all) == 0 {
					rt.Skip()
				}
				p, paid := rapid.SampledFrom(all).Draw(rt, "payout"), rapid.Bool().Draw(rt, "paid")
				if try(rt, "answer payout", p.Status == "requested", func(ctx context.Context, tx *store.Tx) error {
					return application.AnswerPayout(ctx, tx, id, p.ID, paid, "Feil beløp.", by)
				}) {
					m.awaited -= p.Minor
					if paid {
						m.paid += p.Minor
					}
				}
			},
			"report": func(rt *rapid.T) {
				id, m := one(rt)
				if try(rt, "report", to(m, application.FinalReport), func(ctx context.Context, tx *store.Tx) error {
					return application.Report(ctx, tx, id, "", "https://kommune.example/rapport", by)
				}) {
					m.status = application.FinalReport
				}
			},
			"close": func(rt *rapid.T) {
				id, m := one(rt)
				if try(rt, "close", to(m, application.Closed) && m.awaited == 0, func(ctx context.Context, tx *store.Tx) error { return application.Close(ctx, tx, id, "Ferdig.", by) }) {
					m.status, m.back = application.Closed, m.granted-m.paid
				}
			},
			"": func(rt *rapid.T) {
				storetest.Read(t, db, func(tx *store.Tx) error {
					var faults []error
					b, err := application.BalanceOf(ctx, tx, applicationtest.Advisory)
					faults = append(faults, err)
					if b.Left() != left() || b.Left() < 0 {
						rt.Fatalf("the pot has %d left, the model says %d", b.Left(), left())
					}
					for id, m := range cases {
						a, err := application.Find(ctx, tx, id)
						money, err2 := application.MoneyOf(ctx, tx, id)
						h, opened, err3 := application.HoursOf(ctx, tx, a)
						steps, err4 := audit.Of(ctx, tx, "application", id)
						faults = append(faults, err, err2, err3, err4)
						if a.Status != m.status || money != (application.Money{GrantedMinor: m.granted, ReturnedMinor: m.back, AwaitedMinor: m.awaited, PaidMinor: m.paid}) {
							rt.Fatalf("a case is %s %+v, the model says %+v", a.Status, money, *m)
						}
						if a.Status == application.Running && *a.Phase != m.phase {
							rt.Fatalf("in phase %d, the model says %d", *a.Phase, m.phase)
						}
						if want := a.Status.Live() || a.Status == application.FinalReport || a.Status == application.Closed; opened != want {
							rt.Fatalf("a case that is %s has hours: %v", a.Status, opened)
						}
						if a.Status == application.Closed && leftOf(h) != 0 || a.Status.Live() && leftOf(h) != 2400 {
							rt.Fatalf("a case that is %s has %d minutes left", a.Status, leftOf(h))
						}
						if last := lastStep(steps); last != a.Status {
							rt.Fatalf("the log ends with %s, the case is %s", last, a.Status)
						}
					}
					return errors.Join(faults...)
				})
			},
		}
		for _, often := range []string{"submit", "grant the most", "grant the most", "start", "payout", "answer payout", "report", "close"} {
			actions[often+" again"] = actions[often]
		}
		rt.Repeat(actions)
	})
	t.Logf("what was not refused: %v", done)
}

// lastStep is the state of which the log tells last. All is of one second, and the
// ids of the tests rise.
func lastStep(log []audit.Entry) (s application.Status) {
	for _, e := range log {
		if e.Action == "application."+e.To {
			s = application.Status(e.To)
		}
	}
	return s
}

// leftOf is what can still be booked of a project's hours.
func leftOf(h advisory.Account) int {
	minutes, _ := h.Available()
	return minutes
}
