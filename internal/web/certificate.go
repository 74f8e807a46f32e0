package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/certificate"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func (s *Server) certificateRoutes() []route {
	return []route{
		{http.MethodGet, "/certificate", anyone, s.checkCertificate},
		{http.MethodGet, "/certificate/:code", anyone, s.certificate}, // also /certificate/{code}.pdf
		{http.MethodPost, "/r/:token/certificate", byLink, s.makeCertificate},
		{http.MethodGet, "/admin/events/:id/certificates", organise, s.adminCertificates},
		{http.MethodPost, "/admin/events/:id/certificates", organise, s.issueCertificates},
		{http.MethodPost, "/r/:token/series-certificate", byLink, s.makeSeriesCertificate},
		{http.MethodPost, "/admin/events/:id/series-certificates", organise, s.issueSeriesCertificates},
	}
}

func certificatePages() map[string]pager {
	return map[string]pager{
		"certificate": &certificatePage{}, "certificate_check": &certificateCheckPage{}, "admin_certificates": &adminCertificatesPage{},
	}
}

// certificateCheckPage is where somebody types a code.
type certificateCheckPage struct {
	page
	Code string // as it was typed
}

// checkCertificate leads to the certificate whose code is typed.
func (s *Server) checkCertificate(c *gin.Context) error {
	typed, asked := c.GetQuery("code")
	if !asked {
		return s.render(c, http.StatusOK, "certificate_check", &certificateCheckPage{})
	}
	code, ok := certificate.ParseCode(typed)
	if !ok {
		return s.refuseCode(c, http.StatusUnprocessableEntity, typed, "certificate_code")
	}
	return seeOther(c, "/certificate/"+certificate.Show(code))
}

// refuseCode shows the form again, with the code as it was typed.
func (s *Server) refuseCode(c *gin.Context, code int, typed, why string) error {
	p, _ := problem.As(problem.Fields{{Name: "code", Code: why}}.Err())
	return s.render(c, code, "certificate_check", &certificateCheckPage{page: page{NoIndex: true, Problem: p, Self: "/certificate"}, Code: typed})
}

// certificatePage is what is known of one certificate. It is the accessible
// original of the PDF.
type certificatePage struct {
	page
	issuedPaper
	Paper     certificate.Paper
	Printable bool // as PDF
}

// issuedPaper is a certificate that was issued, for an event or for a series.
type issuedPaper struct {
	State         certificate.State
	Shown         string // the code, in groups
	Organiser     string
	Programme     string
	TitleLanguage string
	language      locale.Language // the person's
	issuedAt      time.Time
	write         func(locale.Language) (certificate.Paper, error)
}

// certificate tells anybody who has the code whether the certificate is real.
func (s *Server) certificate(c *gin.Context) error {
	typed, asPDF := strings.CutSuffix(c.Param("code"), ".pdf")
	ctx := c.Request.Context()
	var paper issuedPaper
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		cert, err := certificate.Find(ctx, tx, typed)
		if err == nil {
			paper = s.paperOf(cert)
			return nil
		}
		if !errors.Is(err, problem.ErrMissing) {
			return err
		}
		series, err := certificate.FindSeries(ctx, tx, typed)
		paper = s.seriesPaper(series)
		return err
	})
	if errors.Is(err, problem.ErrMissing) {
		if err := s.unknownLink(c, err); c.Writer.Written() {
			return err
		}
		return s.refuseCode(c, http.StatusNotFound, typed, "certificate_unknown")
	}
	if err != nil {
		return err
	}
	if asPDF {
		return s.certificatePDF(c, paper)
	}
	c.Set(fallbackKey, string(paper.language))
	p := &certificatePage{page: page{Brand: paper.Programme, NoIndex: true}, issuedPaper: paper}
	if p.Paper, err = paper.write(s.language(c)); err != nil {
		return err
	}
	if p.Printable, err = paper.printable(); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "certificate", p)
}

// paperOf is the certificate of an event.
func (s *Server) paperOf(cert certificate.Certificate) issuedPaper {
	words := certificate.Words{Texts: s.Texts, Place: s.town(cert.Event), BaseURL: s.BaseURL}
	return issuedPaper{
		State: cert.State, Shown: cert.Shown(), Organiser: cert.Organiser(), Programme: cert.Programme.Name, TitleLanguage: cert.Event.Language,
		language: cert.Language, issuedAt: cert.IssuedAt,
		write: func(lang locale.Language) (certificate.Paper, error) { return cert.Write(lang, words) },
	}
}

// printable reports whether there is a PDF of the certificate.
func (p issuedPaper) printable() (bool, error) {
	if p.State != certificate.Valid {
		return false, nil
	}
	paper, err := p.write(p.language)
	if err != nil {
		return false, err
	}
	return paper.Printable()
}

// certificatePDF sends the certificate as a file, in the person's own language.
// Where there is none to send, the page says why.
func (s *Server) certificatePDF(c *gin.Context, p issuedPaper) error {
	ok, err := p.printable()
	if err != nil {
		return err
	}
	if !ok {
		return seeOther(c, "/certificate/"+p.Shown)
	}
	paper, err := p.write(p.language)
	if err != nil {
		return err
	}
	file, err := paper.PDF(p.issuedAt)
	if err != nil {
		return err
	}
	c.Header("X-Robots-Tag", "noindex")
	c.Header("Content-Language", string(p.language))
	c.Header("Content-Disposition", `inline; filename="`+p.Shown+`.pdf"`)
	c.Data(http.StatusOK, "application/pdf", file)
	return nil
}

// ownCertificate is what the page of a registration says of its certificate.
type ownCertificate struct {
	CanCertify      bool   // the person was there and the event is over
	CertificateCode string // in groups; empty until one is issued
	OwnSeries       *ownSeries
}

func readOwnCertificate(ctx context.Context, tx *store.Tx, r registration.Registration, ev event.Event) (o ownCertificate, err error) {
	if o.OwnSeries, err = readOwnSeries(ctx, tx, r, ev); err != nil {
		return o, err
	}
	if o.CanCertify = certificate.Earned(r, ev, tx.Now); !o.CanCertify {
		return o, nil
	}
	cert, found, err := certificate.Of(ctx, tx, r.ID)
	if found {
		o.CertificateCode = cert.Shown()
	}
	return o, err
}

// makeCertificate issues the certificate of whoever has the link.
func (s *Server) makeCertificate(c *gin.Context) error {
	r, ev, p, err := s.reach(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var cert certificate.Certificate
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		cert, err = certificate.Issue(ctx, tx, r.ID, audit.Actor{Kind: "person", ID: r.PersonID})
		return err
	})
	if refusal, ok := refused(err); ok {
		f, err := s.typed(c, r)
		if err != nil {
			return err
		}
		return s.showManage(c, status(refusal), r, ev, managePage{page: page{Brand: p.Name, Problem: refusal}, Form: f})
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/certificate/"+cert.Shown())
}

// certificateLine is one person who was there.
type certificateLine struct {
	Name, Code string // the code in groups; empty until a certificate is issued
}

// adminCertificatesPage lists who was there, with their certificates.
type adminCertificatesPage struct {
	page
	eventCard
	Lines   []certificateLine
	Without int
	Over    bool
}

func (s *Server) adminCertificates(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &adminCertificatesPage{page: adminPage(c, "events")}
	lang := s.language(c)
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.eventCard, p.Over = s.card(ev, tx.Now), certificate.Earned(registration.Registration{Status: registration.Attended}, ev, tx.Now)
		return p.read(ctx, tx, lang)
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "admin_certificates", p)
}

func (p *adminCertificatesPage) read(ctx context.Context, tx *store.Tx, lang locale.Language) error {
	people, err := registration.Roster(ctx, tx, p.Event.ID, registration.RosterFilter{Statuses: []registration.Status{registration.Attended}})
	if err != nil {
		return err
	}
	codes, err := certificate.Codes(ctx, tx, p.Event.ID)
	if err != nil {
		return err
	}
	for _, r := range people {
		l := certificateLine{Name: r.Name()}
		if code := codes[r.ID]; code != "" {
			l.Code = certificate.Show(code)
		} else {
			p.Without++
		}
		p.Lines = append(p.Lines, l)
	}
	compare := locale.Sorter(lang)
	slices.SortFunc(p.Lines, func(a, b certificateLine) int { return compare(a.Name, b.Name) })
	return nil
}

// issueCertificates issues one to everybody who was there and has none.
func (s *Server) issueCertificates(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		_, err := certificate.IssueAll(ctx, tx, id, actor(c))
		return err
	})
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"/certificates?done=certificates")
}
