package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// aidCasesPage lists cases of aid: what needs a decision, what has to be registered.
type aidCasesPage struct {
	adviceDeskBase
	Lists    []aidList
	Which    aid.Which
	Rows     []aidRow
	Paging   paging
	Settings []aidSettingRow
}

// aidList is a choice of cases, with how many there are.
type aidList struct {
	Which  aid.Which
	Key    string
	Count  int
	Chosen bool
}

// aidRow is a case, ready to print.
type aidRow struct {
	aid.Line
	Left  int // working days until the last day for the register
	Late  bool
	Soon  bool
	Color string
}

// aidSettingRow is what is set for one advisory programme.
type aidSettingRow struct {
	aid.Setting
	ID, ProgrammeID, Name string
}

const aidShown = 50

var aidColors = map[aid.Status]string{
	aid.Asked: "neutral", aid.Declared: "warning", aid.Checked: "warning", aid.Refused: "danger", aid.Lapsed: "neutral", aid.ToRegister: "info", aid.Informed: "success", aid.Registered: "success", aid.Corrected: "info",
}

func (s *Server) aidCases(c *gin.Context) error {
	return s.showAidCases(c, http.StatusOK, nil)
}

func (s *Server) showAidCases(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &aidCasesPage{adviceDeskBase: adviceDeskOf(c, "aid")}
	p.Problem, p.Self, p.Wide = refusal, aidPath, true
	query := url.Values{}
	switch w := aid.Which(c.Query("show")); w {
	case aid.ToDecide, aid.Waiting, aid.Unreported:
		p.Which = w
		query.Set("show", string(w))
	}
	if n := c.Query("page"); n != "" && n != everything {
		query.Set("page", n)
	}
	if err := s.DB.Read(ctx, func(tx *store.Tx) error { return p.read(ctx, tx, mayOrganise(c), query, string(s.language(c))) }); err != nil {
		return err
	}
	return s.render(c, code, "aid_cases", p)
}

func (p *aidCasesPage) read(ctx context.Context, tx *store.Tx, own []string, query url.Values, lang string) error {
	total := 0
	for _, w := range []aid.Which{aid.ToDecide, aid.Unreported, aid.Waiting, aid.All} {
		n, err := aid.Count(ctx, tx, own, w)
		if err != nil {
			return err
		}
		if w == p.Which {
			total = n
		}
		key := "aid.list." + string(w)
		if w == aid.All {
			key = "aid.list.all"
		}
		p.Lists = append(p.Lists, aidList{w, key, n, w == p.Which})
	}
	p.Paging = newPaging(aidPath, query, total, aidShown)
	p.Paging.Everything = "" // nobody prints ten thousand
	lines, err := aid.List(ctx, tx, own, p.Which, p.Paging.From, p.Paging.To-p.Paging.From)
	if err != nil {
		return err
	}
	for _, l := range lines {
		p.Rows = append(p.Rows, aidRowOf(l, tx.Now))
	}
	p.Settings, err = aidSettings(ctx, tx, own, lang)
	return err
}

// soonDays is from how many working days on a last day is near.
const soonDays = 5

func aidRowOf(l aid.Line, now time.Time) aidRow {
	r := aidRow{Line: l, Color: aidColors[l.Status]}
	if !l.Due.IsZero() {
		r.Left = aid.DaysLeft(l.Country(), now.In(l.Zone()), l.Due)
		r.Late, r.Soon = r.Left == 0, r.Left <= soonDays
	}
	return r
}

// aidSettings lists the advisory programmes of these programmes whose hours are aid.
func aidSettings(ctx context.Context, tx *store.Tx, own []string, lang string) ([]aidSettingRow, error) {
	all, err := store.All(ctx, tx, func(r store.Row) (x aidSettingRow, err error) { return x, r.Scan(&x.ID, &x.ProgrammeID, &x.Name) }, `
		SELECT p.id, p.programme_id, COALESCE((SELECT t.name FROM advisory_text t WHERE t.advisory_programme_id = p.id
			ORDER BY CASE WHEN t.language = ? THEN 0 WHEN t.language = p.language THEN 1 ELSE 2 END, t.language LIMIT 1), p.slug)
		FROM advisory_programme p WHERE p.aid_regime = 'de_minimis' ORDER BY p.created_at, p.id`, lang)
	if err != nil {
		return nil, err
	}
	var rows []aidSettingRow
	for _, x := range all {
		if own != nil && !contains(own, x.ProgrammeID) {
			continue
		}
		if x.Setting, err = aid.SettingOf(ctx, tx, x.ID); err != nil {
			return nil, err
		}
		rows = append(rows, x)
	}
	return rows, nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// saveAidSetting stores what is set for one advisory programme of one's own.
func (s *Server) saveAidSetting(c *gin.Context) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		rows, err := aidSettings(ctx, tx, mayOrganise(c), string(s.language(c)))
		if err != nil {
			return err
		}
		for _, x := range rows {
			if x.ID == c.PostForm("advisory_programme") {
				warn := typedMinutes(c.PostForm("warn"))
				return aid.SaveSetting(ctx, tx, x.ProgrammeID, x.ID, aid.Setting{RegisterRequired: c.PostForm("register") != "", WarnPercent: warn}, actor(c))
			}
		}
		return problem.Fields{{Name: "advisory_programme", Code: "choice"}}.Err()
	})
	if refusal, ok := refused(err); ok {
		for i := range refusal.Fields {
			if refusal.Fields[i].Name == "warn" { // each programme has a field of its own
				refusal.Fields[i].Name += "-" + c.PostForm("advisory_programme")
			}
		}
		return s.showAidCases(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, aidPath+"?done=saved")
}

// aidCSV is the export for the register. It is made in the request and noted in the
// audit log.
func (s *Server) aidCSV(c *gin.Context) error {
	ctx, own := c.Request.Context(), mayOrganise(c)
	data, rows := "", 0
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := aid.Export(ctx, tx, own)
		data, rows = CSV(aid.Columns, all), len(all)
		return err
	})
	if err == nil && c.Request.Method == http.MethodGet {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			return audit.Add(ctx, tx, audit.Entry{Actor: actor(c), Action: "aid.export", ObjectKind: "aid_case", To: strconv.Itoa(rows)})
		})
	}
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="aid.csv"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", []byte(data))
	return nil
}
