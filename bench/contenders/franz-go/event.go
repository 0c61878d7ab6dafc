package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bytedance/sonic"
)

// Submitted is the data of an ApplicationSubmitted event. Required fields whose zero value is valid
// are pointers.
type Submitted struct {
	ApplicationID string      `json:"application_id"`
	Version       int64       `json:"version"`
	ReceivedAt    time.Time   `json:"received_at"`
	Application   Application `json:"application"`
}

type Application struct {
	Stream       string        `json:"stream"`
	Enterprise   *Enterprise   `json:"enterprise"`
	Connection   *Connection   `json:"connection"`
	Factory      *Factory      `json:"factory"`
	Project      *Project      `json:"project"`
	Repeat       *Repeat       `json:"repeat"`
	Technology   *Technology   `json:"technology"`
	Organisation *Organisation `json:"organisation"`
}

type Enterprise struct {
	Name   string `json:"name"`
	Number string `json:"business_registration_number"`
}

type Connection struct {
	Ground            string          `json:"ground"`
	AgreementSubsists *bool           `json:"agreement_subsists"`
	MainlandShare     json.RawMessage `json:"mainland_share_percent"`
	HongKongShare     json.RawMessage `json:"hong_kong_share_percent"`
	SameResident      *bool           `json:"same_resident"`
	Processes         []string        `json:"processes"`

	mainland, hongKong int64 // in ten-thousandths of a per cent
}

type Factory struct {
	RegistrationNumber string `json:"registration_number"`
	Name               string `json:"name"`
	Place              string `json:"place"`
	City               string `json:"city"`
	Industry           string `json:"industry"`
}

type Project struct {
	Title      string `json:"title"`
	CostCents  int64  `json:"cost_cents"`
	StartsOn   string `json:"starts_on"`
	EndsOn     string `json:"ends_on"`
	Quotations *int64 `json:"quotations"`

	starts, ends time.Time
}

type Repeat struct {
	EarlierCaseNumber  string  `json:"earlier_case_number"`
	ImplementedMeasure *string `json:"implemented_measure"`
	FacilityInvestment bool    `json:"measure_is_facility_investment"`
	Change             *string `json:"change"`
}

type Technology struct {
	Name             string `json:"name"`
	OnTechnologyList *bool  `json:"on_technology_list"`
	DevelopedBy      string `json:"developed_by"`
}

type Organisation struct {
	Name            string `json:"name"`
	Kind            string `json:"kind"`
	BasedInHongKong *bool  `json:"based_in_hong_kong"`
}

var (
	industries = []string{
		"chemical-products", "food-and-beverage", "furniture", "metal-and-metal-products",
		"non-metallic-mineral-products", "paper-and-paper-products", "printing-and-publishing",
		"textiles", "other",
	}
	processes = []string{
		"paint-spraying-and-curing", "solvent-cleaning-of-metal-parts", "vehicle-engine-testing",
		"other",
	}
	factoryStreams = []string{
		"assessment", "demonstration", "demonstration-i", "demonstration-ii", "verification",
		"new-technology",
	}
	places     = []string{"guangdong", "hong-kong", "elsewhere"}
	changes    = []string{"production-process", "material-usage", "recognition-sought"}
	developers = []string{"hong-kong", "hong-kong-and-guangdong", "others"}
	kinds      = []string{"trade-association", "other"}
)

const (
	longestLine = 200
	mostCents   = 100_000_000_000
	percentUnit = 10_000
)

// Read decodes and validates the data of one event.
func Read(value []byte) (*Submitted, error) {
	var event Submitted
	if err := sonic.ConfigDefault.Unmarshal(value, &event); err != nil {
		return nil, errors.New("not the JSON of an application")
	}
	if !isUUID(event.ApplicationID) || event.Version < 1 || event.ReceivedAt.IsZero() {
		return nil, errors.New("application_id, version or received_at")
	}
	return &event, event.Application.check()
}

func (a *Application) check() error {
	if a.Project == nil {
		return errors.New("project")
	}
	if err := a.Project.check(); err != nil {
		return err
	}
	if a.Stream == "organisation-support" {
		return a.Organisation.check()
	}
	if !slices.Contains(factoryStreams, a.Stream) {
		return errors.New("stream")
	}
	return firstOf(a.Enterprise.check, a.Connection.check, a.Factory.check, a.Repeat.check,
		func() error { return a.Technology.check(a.Stream == "new-technology") })
}

func firstOf(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (e *Enterprise) check() error {
	if e == nil || !isLine(e.Name) || len(e.Number) != 8 || strings.Trim(e.Number, "0123456789") != "" {
		return errors.New("enterprise")
	}
	return nil
}

func (c *Connection) check() (err error) {
	if c == nil {
		return errors.New("connection")
	}
	switch c.Ground {
	case "1a", "1b", "2":
	case "1c":
		if c.AgreementSubsists == nil {
			err = errors.New("connection.agreement_subsists")
		}
	case "1d":
		err = c.checkShares()
	case "3":
		err = c.checkProcesses()
	default:
		err = errors.New("connection.ground")
	}
	return err
}

func (c *Connection) checkShares() (err error) {
	if c.SameResident == nil {
		return errors.New("connection.same_resident")
	}
	if c.mainland, err = percent(c.MainlandShare); err != nil {
		return err
	}
	c.hongKong, err = percent(c.HongKongShare)
	return err
}

func (c *Connection) checkProcesses() error {
	if len(c.Processes) < 1 || len(c.Processes) > 4 {
		return errors.New("connection.processes")
	}
	for _, each := range c.Processes {
		if !slices.Contains(processes, each) {
			return errors.New("connection.processes")
		}
	}
	return nil
}

func (f *Factory) check() error {
	if f == nil || !isRegistrationNumber(f.RegistrationNumber) || !isLine(f.Name) ||
		!isLine(f.City) || !slices.Contains(places, f.Place) ||
		!slices.Contains(industries, f.Industry) {
		return errors.New("factory")
	}
	return nil
}

func (p *Project) check() (err error) {
	if !isLine(p.Title) || p.CostCents <= 0 || p.CostCents > mostCents {
		return errors.New("project.title or cost_cents")
	}
	if p.Quotations != nil && (*p.Quotations < 0 || *p.Quotations > 100) {
		return errors.New("project.quotations")
	}
	if p.starts, err = time.Parse(time.DateOnly, p.StartsOn); err != nil {
		return errors.New("project.starts_on")
	}
	if p.ends, err = time.Parse(time.DateOnly, p.EndsOn); err != nil {
		return errors.New("project.ends_on")
	}
	return nil
}

func (r *Repeat) check() error {
	if r == nil {
		return nil
	}
	if !isLine(r.EarlierCaseNumber) ||
		(r.ImplementedMeasure != nil && !isLine(*r.ImplementedMeasure)) ||
		(r.Change != nil && !slices.Contains(changes, *r.Change)) {
		return errors.New("repeat")
	}
	return nil
}

func (t *Technology) check(needed bool) error {
	if !needed {
		return nil
	}
	if t == nil || !isLine(t.Name) || t.OnTechnologyList == nil ||
		!slices.Contains(developers, t.DevelopedBy) {
		return errors.New("technology")
	}
	return nil
}

func (o *Organisation) check() error {
	if o == nil || !isLine(o.Name) || !slices.Contains(kinds, o.Kind) || o.BasedInHongKong == nil {
		return errors.New("organisation")
	}
	return nil
}

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return false
			}
		} else if !('0' <= text[i] && text[i] <= '9' || 'a' <= text[i] && text[i] <= 'f') {
			return false
		}
	}
	return true
}

func isRegistrationNumber(text string) bool {
	if len(text) < 8 || len(text) > 20 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if !('0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || c == '-') {
			return false
		}
	}
	return true
}

// isLine returns whether a text is one line of up to 200 characters, not blank, and without control
// characters or marks that change the direction of text.
func isLine(text string) bool {
	if len(text) > 4*longestLine || utf8.RuneCountInString(text) > longestLine {
		return false
	}
	visible := false
	for _, r := range text {
		if r < 0x80 { // most characters are ASCII
			if r < 0x20 || r == 0x7f {
				return false
			}
			visible = visible || r != ' '
			continue
		}
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || turns(r) {
			return false
		}
		visible = visible || !unicode.IsSpace(r)
	}
	return visible
}

func turns(r rune) bool {
	return r == 0x200e || r == 0x200f || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}

// percent parses a share of 0 to 100 with at most four decimal places, from a string or a number.
func percent(raw json.RawMessage) (int64, error) {
	text := strings.Trim(string(raw), `"`)
	whole, decimals, _ := strings.Cut(text, ".")
	if len(decimals) > 4 || whole == "" {
		return 0, errors.New("connection: a share")
	}
	var result int64
	for _, c := range whole + (decimals + "0000")[:4] {
		if c < '0' || c > '9' || result > 100*percentUnit {
			return 0, fmt.Errorf("connection: a share")
		}
		result = result*10 + int64(c-'0')
	}
	if result > 100*percentUnit {
		return 0, errors.New("connection: a share")
	}
	return result, nil
}
