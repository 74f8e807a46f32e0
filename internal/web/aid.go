package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/aid"
	"stafett/internal/problem"
)

// aidRoutes are the pages about state aid: the company's own, and the organisers'.
func (s *Server) aidRoutes() []route {
	get := func(path string, a access, h handler) route { return route{http.MethodGet, path, a, h} }
	post := func(path string, a access, h handler) route { return route{http.MethodPost, path, a, h} }
	return []route{
		get("/me/aid/:id", personal, s.meAid),
		post("/me/aid/:id", personal, s.declareAid),
		get("/me/aid/:id/number", personal, s.meAidNumber),
		post("/me/aid/:id/number", personal, s.storeAidNumber),

		get("/admin/advice/aid", organise, s.aidCases),
		get("/admin/advice/aid/register.csv", organise, s.aidCSV),
		post("/admin/advice/aid/settings", organise, s.saveAidSetting),
		get("/admin/advice/aid/:id", organise, s.aidCase),
		post("/admin/advice/aid/:id/check", organise, s.checkAid),
		post("/admin/advice/aid/:id/grant", organise, s.grantAid),
		post("/admin/advice/aid/:id/refuse", organise, s.refuseAid),
		post("/admin/advice/aid/:id/register", organise, s.registerAid),
		post("/admin/advice/aid/:id/correct", organise, s.correctAid),
		post("/admin/advice/aid/:id/inform", organise, s.informAid),
		get("/admin/advice/aid/:id/number", organise, s.aidNumber),
		post("/admin/advice/aid/:id/number", organise, s.showAidNumber),
	}
}

func aidPages() map[string]pager {
	return map[string]pager{
		"me_aid": &meAidPage{}, "me_aid_number": &meAidNumberPage{},
		"aid_cases": &aidCasesPage{}, "aid_case": &aidCasePage{}, "aid_number": &aidNumberPage{},
	}
}

const aidPath = "/admin/advice/aid"

// day reads the day of a date field; zero when there is none.
func typedDay(s string) time.Time {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	if err != nil {
		return time.Time{}
	}
	return t
}

// typedRate reads a rate, or notes an error at the field.
func typedRate(c *gin.Context, name string, f *problem.Fields) int64 {
	rate, err := aid.ParseRate(c.PostForm(name))
	if err != nil {
		f.Add(name, "aid_rate")
	}
	return rate
}

func typedMinutes(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return -1
	}
	return n
}
