package main

import (
	"errors"
	"fmt"
	"strings"

	"stafett/internal/problem"
)

// flagOf names the flags that are called otherwise than the field they fill.
var flagOf = map[string]string{
	"expires_at": "days", "programme_id": "programme", "roles": "role", "county_code": "county", "organiser_name": "organiser",
}

// adviceOf says what to do about a field.
var adviceOf = map[string]string{
	"required":   "it may not be empty",
	"too_long":   "it may have at most {most} characters",
	"characters": "it must be on one line, without control characters",
	"email":      "write one address, such as karin@region.example",
	"slug":       "use small letters a to z, digits and single hyphens, at most 80 of them",
	"token_life": "write a number of days from 1 to {most}",
}

// refusalOf says what to do about what is refused as a whole.
var refusalOf = map[string]string{
	"email_taken": "another user has this address: see stafett user list",
	"slug_taken":  "another programme has this --slug: see stafett programme list",
}

// explain turns a refusal into a sentence for the one at the keyboard.
func explain(err error) error {
	p, ok := problem.As(err)
	if !ok {
		return err
	}
	if len(p.Fields) > 0 {
		f := p.Fields[0]
		flag, named := flagOf[f.Name]
		if !named {
			flag = strings.ReplaceAll(f.Name, "_", "-")
		}
		advice, known := adviceOf[f.Code]
		if !known {
			advice = "the value does not fit: see --help"
		}
		for i := 0; i+1 < len(f.Args); i += 2 {
			advice = strings.ReplaceAll(advice, fmt.Sprintf("{%v}", f.Args[i]), fmt.Sprint(f.Args[i+1]))
		}
		return fmt.Errorf("correct --%s: %s", flag, advice)
	}
	if p.Kind == problem.Missing {
		return errors.New("there is no such thing: look at the list")
	}
	if said, known := refusalOf[p.Code]; known {
		return errors.New(said)
	}
	return fmt.Errorf("refused: %s", strings.ReplaceAll(p.Code, "_", " "))
}
