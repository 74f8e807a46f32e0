package web

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

const (
	lookPath = "/admin/programmes/:slug/look"
	logoPath = lookPath + "/logo"
)

// maxLogoUpload is what may be sent with a logo: more than a logo may have, so that
// one that is too large can be told so.
const maxLogoUpload = 1 << 20

func (s *Server) lookRoutes() []route {
	return []route{
		{http.MethodGet, lookPath, organise, s.look},
		{http.MethodPost, lookPath, organise, s.setAccent},
		{http.MethodGet, logoPath, organise, s.logo},
		{http.MethodPost, logoPath, organise, s.setLogo},
		{http.MethodPost, logoPath + "/remove", organise, s.removeLogo},
	}
}

func lookPages() map[string]pager { return map[string]pager{"look": &lookPage{}} }

// lookPage is what a programme's letters look like, and the forms that change it.
type lookPage struct {
	page
	Programme programme.Programme
	HasLogo   bool
	Logo      programme.Logo
	Accent    string // as typed, or as stored
	Alt       string // as typed
	Nearest   string // what can be had instead of a refused colour
	Grounds   []groundLine
	Frames    []frameLine
	MaxLogo   int // kilobytes
}

// groundLine is a colour on one ground; the texts are "look.ground.<Ground>" and
// "look.ink.<Text>".
type groundLine struct {
	Ground, Colour, Text string
	Contrast             string // of the text on the colour, to one
}

type frameLine struct{ Scheme, URL string }

// ownProgramme finds a programme by its address that whoever has signed in
// organises, or problem.ErrMissing.
func (s *Server) ownProgramme(ctx context.Context, tx *store.Tx, c *gin.Context) (programme.Programme, error) {
	p, err := programme.FindBySlug(ctx, tx, c.Param("slug"))
	if err == nil && !organises(c, p.ID) {
		return programme.Programme{}, s.foreign(c, "programme", p.ID)
	}
	return p, err
}

func (s *Server) look(c *gin.Context) error { return s.showLook(c, http.StatusOK, nil, "") }

func (s *Server) showLook(c *gin.Context, code int, refusal *problem.Problem, alt string) error {
	ctx := c.Request.Context()
	p := &lookPage{page: adminPage(c, "messages"), Alt: alt, MaxLogo: programme.MaxLogo / 1000}
	p.Problem = refusal
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.Programme, err = s.ownProgramme(ctx, tx, c); err != nil {
			return err
		}
		p.Logo, p.HasLogo, err = programme.FindLogo(ctx, tx, p.Programme.ID)
		return err
	})
	if err != nil {
		return err
	}
	p.Self = "/admin/programmes/" + p.Programme.Slug + "/look"
	shown := p.try(c)
	lang := s.language(c)
	if shown != "" {
		a := programme.AccentOf(shown)
		p.Grounds = []groundLine{groundOf(lang, "light", a.Light, a.OnLight), groundOf(lang, "dark", a.Dark, a.OnDark)}
	}
	for _, scheme := range []string{"light", "dark"} {
		q := letterChoice{Programme: p.Programme.ID, Language: p.Programme.Language, Scheme: scheme, Accent: shown, Mode: "online"}.query()
		p.Frames = append(p.Frames, frameLine{scheme, "/admin/letters/E02/html?" + q.Encode()})
	}
	c.Header("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	return s.render(c, code, "look", p)
}

// try finds the colour to show: the one that was typed, the nearest that can be had
// in its place, or the stored one.
func (p *lookPage) try(c *gin.Context) (shown string) {
	typed, ok := c.GetPostForm("accent")
	if !ok {
		typed, ok = c.GetQuery("accent")
	}
	if !ok {
		p.Accent = p.Programme.Accent
		return p.Accent
	}
	p.Accent = typed
	if typed == "" {
		return ""
	}
	colour, err := programme.CheckAccent(typed)
	if err == nil {
		return colour
	}
	if refusal, is := problem.As(err); is && p.Problem == nil {
		p.Problem = refusal
	}
	if colour, ok = programme.ParseColour(typed); ok {
		p.Nearest = programme.NearestAccent(colour)
		return p.Nearest
	}
	return p.Programme.Accent
}

func groundOf(lang locale.Language, ground, colour, text string) groundLine {
	contrast := strconv.FormatFloat(math.Floor(programme.Contrast(colour, text)*10)/10, 'f', 1, 64)
	if lang != locale.EN {
		contrast = strings.ReplaceAll(contrast, ".", ",")
	}
	return groundLine{Ground: ground, Colour: colour, Text: map[string]string{"#ffffff": "white", "#000000": "black"}[text], Contrast: contrast}
}

// changeLook changes one thing of a programme's look and answers with its page.
func (s *Server) changeLook(c *gin.Context, alt string, change func(context.Context, *store.Tx, programme.Programme) error) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := s.ownProgramme(ctx, tx, c)
		if err != nil {
			return err
		}
		return change(ctx, tx, p)
	})
	if refusal, ok := refused(err); ok && refusal.Kind == problem.Invalid {
		return s.showLook(c, status(refusal), refusal, alt)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/programmes/"+url.PathEscape(c.Param("slug"))+"/look?done=look_saved")
}

func (s *Server) setAccent(c *gin.Context) error {
	return s.changeLook(c, "", func(ctx context.Context, tx *store.Tx, p programme.Programme) error {
		return programme.SetAccent(ctx, tx, p.ID, c.PostForm("accent"), actor(c))
	})
}

func (s *Server) removeLogo(c *gin.Context) error {
	return s.changeLook(c, "", func(ctx context.Context, tx *store.Tx, p programme.Programme) error {
		return programme.RemoveLogo(ctx, tx, p.ID, actor(c))
	})
}

// setLogo reads the form only once it is known who sends it: guardBody leaves forms
// with files to their handlers.
func (s *Server) setLogo(c *gin.Context) error {
	if err := s.changeLookAllowed(c); err != nil {
		return err
	}
	data, alt, err := logoForm(c)
	return s.changeLook(c, alt, func(ctx context.Context, tx *store.Tx, p programme.Programme) error {
		if err != nil {
			return err
		}
		return programme.SetLogo(ctx, tx, p.ID, data, alt, actor(c))
	})
}

func (s *Server) changeLookAllowed(c *gin.Context) error {
	ctx := c.Request.Context()
	return s.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := s.ownProgramme(ctx, tx, c)
		return err
	})
}

// logoForm reads a picture and what is said of it. Nothing is written to disk, and
// the picture's name is not looked at.
func logoForm(c *gin.Context) (data []byte, alt string, err error) {
	missing := problem.Fields{{Name: "logo", Code: "file_missing"}}.Err()
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return nil, "", missing
	}
	for range 10 {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		var read []byte
		if err == nil {
			read, err = io.ReadAll(io.LimitReader(part, maxLogoUpload))
		}
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return nil, alt, problem.Fields{{Name: "logo", Code: "logo_large", Args: []any{"most", programme.MaxLogo / 1000}}}.Err()
		}
		if err != nil {
			return nil, alt, missing
		}
		switch part.FormName() {
		case "logo":
			data = read
		case "alt":
			var f problem.Fields
			if alt = checkTyped("alt", string(read), false, &f); f.Err() != nil {
				return nil, alt, f.Err()
			}
		}
	}
	if len(data) == 0 {
		return nil, alt, missing
	}
	return data, alt, nil
}

// logo is the stored picture, for the page.
func (s *Server) logo(c *gin.Context) error {
	ctx := c.Request.Context()
	var l programme.Logo
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		p, err := s.ownProgramme(ctx, tx, c)
		if err != nil {
			return err
		}
		found := false
		if l, found, err = programme.FindLogo(ctx, tx, p.ID); err == nil && !found {
			return problem.ErrMissing
		}
		return err
	})
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, l.Type, l.Data)
	return nil
}
