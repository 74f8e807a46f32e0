package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/application"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/store"
)

// applicationTable is the list as it is narrowed, for a file: the heads, and a line
// for each application. Money is in the main unit.
func (s *Server) applicationTable(ctx context.Context, tx *store.Tx, c *gin.Context) (heads []string, lines [][]cell, err error) {
	w := &teller{s: s, lang: s.language(c)}
	for _, key := range []string{"mail.fact.case", "admin.column.status", "apply.title_field", "mail.fact.body", "register.org_number", "apply.confirmed_head", "admin.column.name", "register.email",
		"apply.sent_at", "apply.decided_at", "apply.budget", "apply.own_share", "mail.fact.asked", "mail.fact.granted", "mail.fact.paid", "mail.fact.returned", "apply.currency", "apply.hours_granted", "apply.points"} {
		heads = append(heads, w.t(key))
	}
	f, _ := applicationsFilter(c)
	rows, err := application.List(ctx, tx, f)
	if err != nil {
		return nil, nil, err
	}
	day := func(t time.Time) cell {
		if t.IsZero() {
			return cell{}
		}
		return cell{Text: t.In(deskZone()).Format(time.DateOnly)}
	}
	sum := func(minor *int64) cell {
		if minor == nil {
			return cell{}
		}
		return cell{Number: strconv.FormatFloat(float64(*minor)/100, 'f', -1, 64)}
	}
	yes := map[bool]string{true: w.t("form.yes"), false: w.t("form.no")}
	for _, r := range rows {
		points, hours := cell{}, cell{}
		if r.PointsTenths != nil {
			points.Number = strconv.FormatFloat(float64(*r.PointsTenths)/10, 'f', 1, 64)
		}
		if r.GrantedMinutes != nil {
			hours.Number = strconv.FormatFloat(float64(*r.GrantedMinutes)/60, 'f', -1, 64)
		}
		lines = append(lines, []cell{
			{Text: r.Number}, {Text: w.t("status.application." + string(r.Status))}, {Text: r.Title}, {Text: r.Body}, {Text: company.Display(company.Company{Country: r.Country, Number: r.OrgNumber, SoleTrader: r.SoleTrader})}, {Text: yes[r.Confirmed]},
			{Text: r.Applicant}, {Text: r.Email}, day(r.SubmittedAt), day(r.DecidedAt), sum(r.BudgetMinor), sum(r.OwnShareMinor), sum(r.AskedMinor), sum(r.GrantedMinor),
			sum(&r.Paid), sum(&r.Returned), {Text: r.Currency}, hours, points,
		})
	}
	return heads, lines, w.err
}

func (s *Server) applicationFile(c *gin.Context, ending, kind string, write func(heads []string, lines [][]cell) ([]byte, error)) error {
	adminPage(c, "applications") // the organiser's own language
	ctx := c.Request.Context()
	var file []byte
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		heads, lines, err := s.applicationTable(ctx, tx, c)
		if err != nil {
			return err
		}
		file, err = write(heads, lines)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.noteOnce(c, audit.Entry{Actor: actor(c), Action: "application.export", ObjectKind: "user", ObjectID: actor(c).ID}); err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="applications-`+s.DB.Now().Format(time.DateOnly)+`.`+ending+`"`)
	c.Data(http.StatusOK, kind, file)
	return nil
}

func (s *Server) applicationsCSV(c *gin.Context) error {
	return s.applicationFile(c, "csv", "text/csv; charset=utf-8", func(heads []string, lines [][]cell) ([]byte, error) {
		var b strings.Builder
		b.WriteString(byteOrderMark)
		writeRecord(&b, heads)
		for _, l := range lines {
			var cells []string
			for _, x := range l {
				cells = append(cells, strings.ReplaceAll(x.Number, ".", ",")+x.Text)
			}
			writeRecord(&b, cells)
		}
		return []byte(b.String()), nil
	})
}

func (s *Server) applicationsXLSX(c *gin.Context) error {
	title, err := s.Texts.Text(s.language(c), "apply.applications")
	if err != nil {
		return err
	}
	return s.applicationFile(c, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", func(heads []string, lines [][]cell) ([]byte, error) {
		return workbook(title, heads, lines)
	})
}
