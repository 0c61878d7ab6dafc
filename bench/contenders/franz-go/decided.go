package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/bytedance/sonic"
	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Reason has the fields of a reason in the service's events.
type Reason struct {
	Code   string `json:"code" bson:"code"`
	Source string `json:"source" bson:"source"`
	En     string `json:"en" bson:"en"`
	ZhHant string `json:"zh_hant" bson:"zh_hant"`
	ZhHans string `json:"zh_hans" bson:"zh_hans"`
}

// Decided is a decision: the stored document and, without its key, the data of the event.
type Decided struct {
	Key             string    `json:"-" bson:"_id"`
	ApplicationID   string    `json:"application_id" bson:"application_id"`
	Version         int64     `json:"version" bson:"version"`
	Stream          string    `json:"stream" bson:"stream"`
	Outcome         string    `json:"outcome" bson:"outcome"`
	Grant           *int64    `json:"grant_cents" bson:"grant_cents"`
	IndicativeGrant *int64    `json:"indicative_grant_cents" bson:"indicative_grant_cents"`
	Phase           *string   `json:"phase" bson:"phase"`
	Reasons         []Reason  `json:"reasons" bson:"reasons"`
	RuleVersion     string    `json:"rule_version" bson:"rule_version"`
	ReceivedAt      time.Time `json:"received_at" bson:"received_at"`
	DecidedAt       time.Time `json:"decided_at" bson:"decided_at"`
	Factory         *string   `json:"factory_registration_number" bson:"factory_registration_number"`
	EligibleCost    int64     `json:"eligible_cost_cents" bson:"eligible_cost_cents"`
	Share           *int64    `json:"share_percent" bson:"share_percent"`
	Ceiling         *int64    `json:"ceiling_cents" bson:"ceiling_cents"`
	FactsHash       string    `json:"facts_hash" bson:"facts_hash"`
	Conditions      []Reason  `json:"conditions" bson:"conditions"`
	RulingID        *string   `json:"ruling_id" bson:"ruling_id"`
}

// Rules are the programme and the texts of its reasons.
type Rules struct {
	Programme Programme         `json:"programme"`
	Reasons   map[string]Reason `json:"reasons"`
}

var eventIDs = uuid.MustParse("0a6a1d5e-94f4-5b0f-8f0e-9c6f4c1d7b52")

// Decided decides one application.
func (r *Rules) Decided(event *Submitted, value []byte, history History) *Decided {
	decision := r.Programme.Decide(event, history)
	hash := sha256.Sum256(value)
	result := &Decided{
		Key:           event.ApplicationID + ":" + strconv.FormatInt(event.Version, 10),
		ApplicationID: event.ApplicationID,
		Version:       event.Version,
		Stream:        event.Application.Stream,
		Outcome:       decision.Outcome,
		Phase:         decision.Phase,
		Reasons:       make([]Reason, len(decision.Reasons)),
		RuleVersion:   r.Programme.Version,
		ReceivedAt:    event.ReceivedAt.UTC().Truncate(time.Millisecond),
		DecidedAt:     time.Now().UTC().Truncate(time.Millisecond),
		EligibleCost:  decision.Amounts.Cost,
		Share:         decision.Amounts.Share,
		Ceiling:       decision.Amounts.Ceiling,
		FactsHash:     hex.EncodeToString(hash[:]),
		Conditions:    []Reason{},
	}
	for i, code := range decision.Reasons {
		result.Reasons[i] = r.Reasons[code]
	}
	if event.Application.Factory != nil {
		result.Factory = &event.Application.Factory.RegistrationNumber
	}
	result.setGrant(decision.Amounts.grant())
	return result
}

func (d *Decided) setGrant(grant *int64) {
	switch d.Outcome {
	case "eligible":
		d.Grant = grant
	case "ineligible":
		d.Grant = new(int64)
	case "referred":
		d.IndicativeGrant = grant
	}
}

// Announced builds the event of a stored decision; the same decision always gives the same bytes.
func (d *Decided) Announced(topic string) (*kgo.Record, error) {
	value, err := sonic.ConfigDefault.Marshal(d)
	if err != nil {
		return nil, err
	}
	id := uuid.NewSHA1(eventIDs, []byte("EligibilityDecided/"+d.Key)).String()
	return &kgo.Record{
		Topic: topic,
		Key:   []byte(d.ApplicationID),
		Value: value,
		Headers: []kgo.RecordHeader{
			{Key: "ce_specversion", Value: []byte("1.0")},
			{Key: "ce_id", Value: []byte(id)},
			{Key: "ce_type", Value: []byte("EligibilityDecided")},
			{Key: "ce_source", Value: []byte("eligibility")},
			{Key: "ce_subject", Value: []byte(d.ApplicationID)},
			{Key: "ce_time", Value: []byte(d.DecidedAt.Format("2006-01-02T15:04:05.000Z07:00"))},
			{Key: "content-type", Value: []byte("application/json")},
		},
	}, nil
}
