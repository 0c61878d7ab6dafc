// franz-go: three loops in one consumer group, each handling one batch at a time and committing its
// offsets after all effects are acknowledged. Shows what a compiled language can do.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

const (
	loops        = 3
	batchRecords = 500
	duplicateKey = 11000
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	rules, err := readRules(os.Getenv("BENCH_RULES"))
	must(err)
	journaled := true
	concern := &writeconcern.WriteConcern{W: "majority", Journal: &journaled}
	client, err := mongo.Connect(
		options.Client().ApplyURI(os.Getenv("MONGODB_URL")).SetWriteConcern(concern))
	must(err)
	database := client.Database(os.Getenv("BENCH_DATABASE"))
	var running sync.WaitGroup
	for range loops {
		running.Go(func() { must(newLoop(rules, database).run(ctx)) })
	}
	running.Wait()
}

func must(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func readRules(file string) (*Rules, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	rules := new(Rules)
	return rules, json.Unmarshal(text, rules)
}

type loop struct {
	rules       *Rules
	completions *mongo.Collection
	decisions   *mongo.Collection
	client      *kgo.Client
	output      string
	deadLetters string
}

func newLoop(rules *Rules, database *mongo.Database) *loop {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Getenv("KAFKA_BOOTSTRAP_SERVERS")),
		kgo.ConsumerGroup(os.Getenv("BENCH_GROUP")),
		kgo.ConsumeTopics(os.Getenv("BENCH_TOPIC")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(0),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	must(err)
	return &loop{
		rules, database.Collection("completions"), database.Collection("decisions"), client,
		os.Getenv("BENCH_OUTPUT"), os.Getenv("BENCH_DEAD_LETTERS"),
	}
}

func (l *loop) run(ctx context.Context) error {
	defer l.client.CloseAllowingRebalance()
	for {
		fetches := l.client.PollRecords(ctx, batchRecords)
		if err := fetches.Err0(); err != nil {
			return err
		}
		records := fetches.Records()
		if len(records) > 0 {
			if err := l.handle(ctx, records); err != nil {
				return err
			}
		}
		l.client.AllowRebalance()
	}
}

func (l *loop) handle(ctx context.Context, records []*kgo.Record) error {
	events, values, outgoing := l.sort(records)
	decided, err := l.decide(ctx, events, values)
	if err != nil {
		return err
	}
	kept, err := l.keep(ctx, decided)
	if err != nil {
		return err
	}
	for _, each := range kept {
		announced, err := each.Announced(l.output)
		if err != nil {
			return err
		}
		outgoing = append(outgoing, announced)
	}
	if err := l.client.ProduceSync(ctx, outgoing...).FirstErr(); err != nil {
		return err
	}
	return l.client.CommitRecords(ctx, records...)
}

// decide decides a batch, by the histories of its factories.
func (l *loop) decide(ctx context.Context, events []*Submitted, values [][]byte) ([]*Decided, error) {
	if len(events) == 0 {
		return nil, nil
	}
	histories, err := l.lookUp(ctx, events)
	if err != nil {
		return nil, err
	}
	decided := make([]*Decided, len(events))
	for i, each := range events {
		decided[i] = l.rules.Decided(each, values[i], histories.of(each))
	}
	return decided, nil
}

// sort returns the valid events with their bytes, and dead letters for the other records.
func (l *loop) sort(records []*kgo.Record) ([]*Submitted, [][]byte, []*kgo.Record) {
	events := make([]*Submitted, 0, len(records))
	values := make([][]byte, 0, len(records))
	outgoing := make([]*kgo.Record, 0, len(records))
	for _, record := range records {
		event, err := read(record)
		switch {
		case err != nil:
			outgoing = append(outgoing, l.deadLetter(record, err))
		case event != nil:
			events, values = append(events, event), append(values, record.Value)
		}
	}
	return events, values, outgoing
}

// read returns nil for events that this service does not handle.
func read(record *kgo.Record) (*Submitted, error) {
	kind := ""
	for _, header := range record.Headers {
		if !utf8.Valid(header.Value) {
			return nil, errors.New("header " + header.Key + " is not UTF-8")
		}
		if header.Key == "ce_type" {
			kind = string(header.Value)
		}
	}
	if kind != "ApplicationSubmitted" {
		return nil, nil
	}
	return Read(record.Value)
}

func (l *loop) deadLetter(record *kgo.Record, err error) *kgo.Record {
	headers := append(record.Headers, kgo.RecordHeader{Key: "x-dead-letter-error", Value: []byte(err.Error())})
	return &kgo.Record{Topic: l.deadLetters, Key: record.Key, Value: record.Value, Headers: headers}
}

// keep stores decisions; it returns those stored before unchanged, to be published again.
func (l *loop) keep(ctx context.Context, decided []*Decided) ([]*Decided, error) {
	if len(decided) == 0 {
		return nil, nil
	}
	_, err := l.decisions.InsertMany(ctx, decided, options.InsertMany().SetOrdered(false))
	var failed mongo.BulkWriteException
	if err == nil || !errors.As(err, &failed) {
		return decided, err
	}
	return l.withEarlier(ctx, decided, failed)
}

func (l *loop) withEarlier(
	ctx context.Context, decided []*Decided, failed mongo.BulkWriteException,
) ([]*Decided, error) {
	keys := make([]string, 0, len(failed.WriteErrors))
	for _, each := range failed.WriteErrors {
		if each.Code != duplicateKey {
			return nil, failed
		}
		keys = append(keys, decided[each.Index].Key)
	}
	cursor, err := l.decisions.Find(ctx, bson.M{"_id": bson.M{"$in": keys}})
	if err != nil {
		return nil, err
	}
	var earlier []*Decided
	if err := cursor.All(ctx, &earlier); err != nil {
		return nil, err
	}
	return merged(decided, earlier), nil
}

// merged replaces new decisions by those stored before, without duplicates.
func merged(decided, earlier []*Decided) []*Decided {
	kept := make(map[string]*Decided, len(earlier))
	for _, each := range earlier {
		kept[each.Key] = each
	}
	result, seen := decided[:0:0], make(map[string]bool, len(decided))
	for _, each := range decided {
		if seen[each.Key] {
			continue
		}
		seen[each.Key] = true
		if before, ok := kept[each.Key]; ok {
			each = before
		}
		result = append(result, each)
	}
	return result
}
