package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/vishvananda/netlink"
)

// visitorLink is the visitor's end of the cable.
const visitorLink = "eth0"

// patience of a visitor who waits for a page.
const patience = 5 * time.Second

// visitor stands before the cluster, with an address that is neither the node's nor a pod's, and fetches the pages that it is
// asked for through its door: an HTTP proxy. A page that cannot be had is answered by 502 and the reason.
func visitor() int {
	err := until(context.Background(), "cable", nil, func(context.Context) error {
		link, err := netlink.LinkByName(visitorLink)
		if err != nil {
			return err
		}
		return errors.Join(addAddress(link, visitorAddress), netlink.LinkSetUp(link), netlink.RouteAdd(&netlink.Route{
			LinkIndex: link.Attrs().Index, Gw: net.ParseIP(gatewayAddress),
		}))
	})
	if err == nil {
		var listener net.Listener
		listener, err = net.FileListener(os.NewFile(3, "door"))
		if err == nil {
			err = http.Serve(listener, http.HandlerFunc(fetch))
		}
	}
	fmt.Fprintln(os.Stderr, "visitor:", err)
	return 1
}

func fetch(answer http.ResponseWriter, asked *http.Request) {
	response, err := get(asked.Context(), asked.URL.String(), patience)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusBadGateway)
		return
	}
	answer.WriteHeader(response.StatusCode)
	_, _ = answer.Write(text)
}

// get fetches a page over a connection of its own, as somebody does who comes for the first time.
func get(ctx context.Context, url string, limit time.Duration) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: limit, Transport: &http.Transport{DisableKeepAlives: true}}
	return client.Do(request)
}
