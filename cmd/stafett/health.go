package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthCommand struct {
	Listen string `default:"127.0.0.1:8080" env:"STAFETT_LISTEN" help:"The address and port that the server listens on."`
}

// Run asks the server on this machine and fails when it is not ready.
func (h healthCommand) Run(w world) error {
	_, port, err := net.SplitHostPort(h.Listen)
	if err != nil {
		return fmt.Errorf("--listen (STAFETT_LISTEN): %w", err)
	}
	ctx, cancel := context.WithTimeout(w.ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: it answers %d", answer.StatusCode)
	}
	w.say("ready")
	return nil
}
