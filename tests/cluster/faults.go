package main

import (
	"encoding/json"
	"fmt"
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
	// How many of them pass first, and how many are then met; 0 is all.
	After int `json:"after"`
	Times int `json:"times"`
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
		rule.pattern = pattern
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
		if rule.Method != "" && rule.Method != request.Method || !rule.pattern.MatchString(request.URL.RequestURI()) {
			continue
		}
		rule.met++
		if rule.met > rule.After && (rule.Times == 0 || rule.met <= rule.After+rule.Times) {
			return rule
		}
	}
	return nil
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
