package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// client talks plain HTTP to one API server: what is sent and what comes back is to be seen, not wrapped.
type client struct {
	config  *rest.Config
	http    *http.Client
	server  string
	mapping sync.Mutex
	mapper  meta.RESTMapper
}

// options of a server-side apply.
type options struct {
	manager  string
	isDryRun bool
}

func newClient(kubeconfig string) (*client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	// One connection would carry all requests, and HTTP/2 puts them in a queue.
	config.NextProtos = []string{"http/1.1"}
	config.QPS = -1
	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	return &client{config: config, http: transport, server: config.Host}, nil
}

// ready says whether the server is; an error says what it answers.
func (c *client) ready(ctx context.Context) error {
	status, _, body, err := c.send(ctx, http.MethodGet, "/readyz", nil, "")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%d %s", status, body)
	}
	return err
}

// isServed says whether the server serves what a definition defines.
func (c *client) isServed(ctx context.Context, definition string) error {
	plural, group, _ := strings.Cut(definition, ".")
	for _, version := range []string{"v1", "v1beta1", "v1alpha2"} {
		status, _, body, err := c.send(ctx, http.MethodGet, "/apis/"+group+"/"+version, nil, "")
		if err != nil {
			return err
		}
		if status == http.StatusOK && bytes.Contains(body, []byte(`"name":"`+plural+`"`)) {
			return nil
		}
	}
	return fmt.Errorf("%s is not served", definition)
}

// answer is what the server says against a manifest; empty where it says nothing.
type answer struct{ refusal, warning string }

// apply sends a manifest by server-side apply.
func (c *client) apply(ctx context.Context, document document, namespace string, options options) (answer, error) {
	mapping, err := c.mappingOf(document.kind)
	if meta.IsNoMatchError(err) {
		return answer{refusal: "the server has no such kind"}, nil
	}
	if err != nil {
		return answer{}, err
	}
	path := "/apis/" + document.kind.Group + "/" + document.kind.Version
	if document.kind.Group == "" {
		path = "/api/" + document.kind.Version
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		if document.namespace != "" {
			namespace = document.namespace
		}
		path += "/namespaces/" + namespace
	}
	query := url.Values{"fieldManager": {options.manager}, "fieldValidation": {"Strict"}}
	if options.isDryRun {
		query.Set("dryRun", "All")
	}
	path += "/" + mapping.Resource.Resource + "/" + url.PathEscape(document.name) + "?" + query.Encode()
	status, headers, body, err := c.send(ctx, http.MethodPatch, path, document.text, "application/apply-patch+yaml")
	if err != nil {
		return answer{}, err
	}
	if status >= 300 {
		return answer{refusal: refusal(status, body)}, nil
	}
	return answer{warning: strings.Join(headers.Values("Warning"), "; ")}, nil
}

func refusal(status int, body []byte) string {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &said) != nil || said.Message == "" {
		said.Message = string(body)
	}
	return fmt.Sprintf("%d %s", status, said.Message)
}

// makeNamespace makes a namespace, unless it is there.
func (c *client) makeNamespace(ctx context.Context, name string) error {
	body := []byte(fmt.Sprintf(`{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": %q}}`, name))
	status, _, said, err := c.send(ctx, http.MethodPost, "/api/v1/namespaces", body, "application/json")
	if err == nil && !slices.Contains([]int{http.StatusCreated, http.StatusConflict}, status) {
		err = fmt.Errorf("namespace %s: %s", name, refusal(status, said))
	}
	return err
}

// mappingOf returns the resource that serves a kind. The server is asked for all of them at once, and again where one is missing:
// what was defined a moment ago may be offered a moment later.
func (c *client) mappingOf(kind schema.GroupVersionKind) (*meta.RESTMapping, error) {
	c.mapping.Lock()
	defer c.mapping.Unlock()
	if c.mapper != nil {
		if known, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version); err == nil {
			return known, nil
		}
	}
	offered, err := discovery.NewDiscoveryClientForConfigAndClient(c.config, c.http)
	if err != nil {
		return nil, err
	}
	groups, err := restmapper.GetAPIGroupResources(offered)
	if err != nil {
		return nil, err
	}
	c.mapper = restmapper.NewDiscoveryRESTMapper(groups)
	return c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
}

func (c *client) send(
	ctx context.Context, method, path string, body []byte, kind string,
) (int, http.Header, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	request.Header.Set("Accept", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, answer, err
}
