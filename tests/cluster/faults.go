package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"time"
)

// rule does something bad to requests. The first rule that takes a request has it.
type rule struct {
	// Which requests: method, and a pattern in path and query; empty takes all.
	Method string `json:"method"`
	URL    string `json:"url"`
	// Only those that log in with this token; empty takes all.
	Token string `json:"token"`
	// How many of them pass first, and how many are then met; 0 is all.
	After int `json:"after"`
	Times int `json:"times"`
	// How many in a hundred are met, the same ones for the same seed, in whatever order they come; 0 is all.
	Percent uint64 `json:"percent"`
	Seed    uint64 `json:"seed"`
	// What happens:
	// `status`: the proxy answers with Status, Body and Headers; the server sees nothing.
	// `reset`: the connection breaks; the server sees nothing.
	// `lost`: the server does it, and the connection breaks in place of the answer.
	// `cut`: the connection breaks after Bytes of the answer's body.
	// `delay`: the server sees it Milliseconds later.
	Fault        string            `json:"fault"`
	Status       int               `json:"status"`
	Body         string            `json:"body"`
	Headers      map[string]string `json:"headers"`
	Bytes        int               `json:"bytes"`
	Milliseconds int               `json:"milliseconds"`

	pattern *regexp.Regexp
	met     int
	// How often each request came, for Percent: what was met may pass when it is sent again.
	came map[string]int
}

type faults struct {
	mutex sync.Mutex
	rules []*rule
}

// replace takes a JSON list of rules in place of those there are.
func (f *faults) replace(text []byte) error {
	var rules []*rule
	if err := json.Unmarshal(text, &rules); err != nil {
		return err
	}
	for _, rule := range rules {
		pattern, err := regexp.Compile(rule.URL)
		if err != nil {
			return err
		}
		switch rule.Fault {
		case "status", "reset", "lost", "cut", "delay":
		default:
			return fmt.Errorf("no such fault: %q", rule.Fault)
		}
		rule.pattern, rule.came = pattern, map[string]int{}
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.rules = rules
	return nil
}

// of returns the rule that a request meets, and counts it.
func (f *faults) of(request *http.Request) *rule {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, rule := range f.rules {
		if !rule.takes(request) || !rule.throws(request) {
			continue
		}
		rule.met++
		if rule.met > rule.After && (rule.Times == 0 || rule.met <= rule.After+rule.Times) {
			return rule
		}
	}
	return nil
}

func (r *rule) takes(request *http.Request) bool {
	return (r.Method == "" || r.Method == request.Method) && r.pattern.MatchString(request.URL.RequestURI()) &&
		(r.Token == "" || request.Header.Get("Authorization") == "Bearer "+r.Token)
}

// throws says whether chance has it: a die that shows the same for the same request whenever it comes, and another when it comes again.
func (r *rule) throws(request *http.Request) bool {
	if r.Percent == 0 {
		return true
	}
	name := request.Method + " " + request.URL.RequestURI()
	r.came[name]++
	sum := fnv.New64a()
	fmt.Fprint(sum, r.Seed, name, r.came[name])
	// The lowest bits of this sum say too little of what was added last.
	return sum.Sum64()>>32%100 < r.Percent
}

func (r *rule) happen(server http.Handler, writer http.ResponseWriter, request *http.Request) {
	switch r.Fault {
	case "status":
		for name, value := range r.Headers {
			writer.Header().Set(name, value)
		}
		writer.WriteHeader(r.Status)
		_, _ = writer.Write([]byte(r.Body))
	case "reset":
		reset(writer)
	case "lost":
		server.ServeHTTP(httptest.NewRecorder(), request)
		reset(writer)
	case "cut":
		server.ServeHTTP(&scissors{writer, r.Bytes}, request)
	case "delay":
		select {
		case <-time.After(time.Duration(r.Milliseconds) * time.Millisecond):
			server.ServeHTTP(writer, request)
		case <-request.Context().Done():
		}
	}
}

// reset breaks the connection as a dead machine's network would: without a word of goodbye.
func reset(writer http.ResponseWriter) {
	connection, _, err := http.NewResponseController(writer).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// scissors cut an answer after so many bytes of its body.
type scissors struct {
	http.ResponseWriter
	left int
}

func (s *scissors) Write(bytes []byte) (int, error) {
	if len(bytes) < s.left {
		s.left -= len(bytes)
		return s.ResponseWriter.Write(bytes)
	}
	_, _ = s.ResponseWriter.Write(bytes[:s.left])
	_ = http.NewResponseController(s.ResponseWriter).Flush()
	reset(s.ResponseWriter)
	panic(http.ErrAbortHandler)
}

// Unwrap gives http.ResponseController what lies below.
func (s *scissors) Unwrap() http.ResponseWriter { return s.ResponseWriter }
