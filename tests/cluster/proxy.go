package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// proxy stands between a client and the API server: it passes requests on, writes down each, and does to some what a bad day does.
// In front it speaks plain HTTP, behind it is who the kubeconfig says.
type proxy struct {
	server *httputil.ReverseProxy
	faults faults
	record record
	// underWay counts the requests that have begun and not ended.
	underWay atomic.Int64
}

// faultyProxy runs a proxy until its stdin ends. A line there is a JSON list of rules, which takes the place of all before; each
// is answered by `ok`, or by what is wrong. Requests are written to `requests.jsonl` in the folder as they end.
func faultyProxy() int {
	flags := flag.NewFlagSet("proxy", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", os.Getenv("KUBECONFIG"), "which server, and as whom")
	folder := flags.String("folder", ".", "where its own kubeconfig and the record go")
	clock := flags.Duration("clock", 0, "how far the server's clock is ahead, as the `Date` of its answers says it")
	_ = flags.Parse(os.Args[1:])

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	started, listener, err := newProxy(*kubeconfig, *folder, *clock)
	if err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		return 1
	}
	go func() { _ = http.Serve(listener, started) }()
	path := filepath.Join(*folder, "kubeconfig")
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "testbed",
"clusters": [{"name": "testbed", "cluster": {"server": "http://%s"}}], "users": [{"name": "proxy", "user": {}}],
"contexts": [{"name": "testbed", "context": {"cluster": "testbed", "user": "proxy"}}]}
`, listener.Addr())
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		return 1
	}
	fmt.Printf("KUBECONFIG=%s\n", path)
	go func() {
		defer stop()
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			if err := started.faults.replace(lines.Bytes()); err != nil {
				fmt.Println(err)
			} else {
				fmt.Println("ok")
			}
		}
	}()
	<-ctx.Done()
	return 0
}

func newProxy(kubeconfig, folder string, clock time.Duration) (*proxy, net.Listener, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, nil, err
	}
	transport, err := toServer(config)
	if err != nil {
		return nil, nil, err
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		return nil, nil, err
	}
	file, err := os.Create(filepath.Join(folder, "requests.jsonl"))
	if err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	return &proxy{
		server: &httputil.ReverseProxy{
			Rewrite:   func(request *httputil.ProxyRequest) { request.SetURL(target) },
			Transport: transport,
			// Watches come in pieces, each to be seen at once.
			FlushInterval: -1,
			ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
			ModifyResponse: func(response *http.Response) error {
				if date, err := http.ParseTime(response.Header.Get("Date")); err == nil && clock != 0 {
					response.Header.Set("Date", date.Add(clock).Format(http.TimeFormat))
				}
				return nil
			},
		},
		record: record{file: file},
	}, listener, nil
}

// mostConnections is more than any client of ours has under way, so that none is closed and greeted anew for the next request:
// client-go keeps 25, and measured would be the greeting.
const mostConnections = 100

func toServer(config *rest.Config) (http.RoundTripper, error) {
	secured, err := rest.TLSConfigFor(config)
	if err != nil {
		return nil, err
	}
	// Upgrades, for exec and port-forward, are a matter of HTTP/1.
	secured.NextProtos = []string{"http/1.1"}
	return rest.HTTPWrappersForConfig(config, &http.Transport{
		TLSClientConfig: secured, TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: mostConnections,
	})
}

func (p *proxy) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	watched := &observed{ResponseWriter: writer}
	begun := time.Now()
	line := entry{
		Method: request.Method, URL: request.URL.String(), Kind: request.Header.Get("Content-Type"),
		At: begun.UnixMicro(), Body: sumOfBody(request), UnderWay: p.underWay.Add(1),
	}
	rule := p.faults.of(request)
	if rule != nil {
		line.Fault = rule.Fault
	}
	defer func() {
		p.underWay.Add(-1)
		line.Status, line.Milliseconds = watched.status, time.Since(begun).Milliseconds()
		p.record.write(line)
	}()
	if rule == nil {
		p.server.ServeHTTP(watched, request)
		return
	}
	rule.happen(p.server, watched, request)
}

// sumOfBody reads a body, puts it back, and returns a sum of it; empty where there is none.
func sumOfBody(request *http.Request) string {
	if request.ContentLength == 0 {
		return ""
	}
	text, err := io.ReadAll(request.Body)
	if err != nil || len(text) == 0 {
		return ""
	}
	request.Body = io.NopCloser(bytes.NewReader(text))
	sum := fnv.New64a()
	_, _ = sum.Write(text)
	return fmt.Sprintf("%016x", sum.Sum64())
}

// observed notes the status of an answer.
type observed struct {
	http.ResponseWriter
	status int
}

func (a *observed) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *observed) Write(bytes []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(bytes)
}

// Unwrap gives http.ResponseController what lies below, which can flush and hijack.
func (a *observed) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// entry is one request in the record; status 0: none was sent to the client.
type entry struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Kind   string `json:"content_type,omitempty"`
	Status int    `json:"status"`
	Fault  string `json:"fault,omitempty"`
	// When it came, in microseconds of the epoch, and how long it took.
	At           int64 `json:"at"`
	Milliseconds int64 `json:"milliseconds"`
	// Equal for equal bodies.
	Body string `json:"body,omitempty"`
	// How many were under way when it began, itself included.
	UnderWay int64 `json:"under_way"`
}

type record struct {
	mutex sync.Mutex
	file  *os.File
}

func (r *record) write(entry entry) {
	text, _ := json.Marshal(entry)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	_, _ = r.file.Write(append(text, '\n'))
}
