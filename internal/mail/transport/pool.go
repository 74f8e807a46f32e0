package transport

import (
	"context"
	"sync"
)

// Pool sends letters over several connections at once, each kept for the next
// letter. There are as many as were ever needed at the same time; of those that
// are free the one used last goes on, so that the others may rest. It is safe
// for concurrent use.
type Pool struct {
	settings Settings
	mu       sync.Mutex
	free     []*SMTP
}

// NewPool makes a pool; nothing is dialled before the first Send or Check.
func NewPool(s Settings) *Pool { return &Pool{settings: s} }

// Send hands one letter over, as SMTP does, by a connection that nobody else has.
func (p *Pool) Send(ctx context.Context, e Envelope) Result {
	s := p.take()
	defer p.give(s)
	return s.Send(ctx, e)
}

// Check connects, signs in and leaves again, as SMTP does.
func (p *Pool) Check(ctx context.Context) error { return New(p.settings).Check(ctx) }

// Close ends the connections that are free; the next Send dials anew. The error
// is always nil.
func (p *Pool) Close() error {
	p.mu.Lock()
	free := p.free
	p.free = nil
	p.mu.Unlock()
	var goodbyes sync.WaitGroup
	for _, s := range free {
		goodbyes.Go(func() { s.Close() })
	}
	goodbyes.Wait()
	return nil
}

func (p *Pool) take() *SMTP {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.free) - 1
	if last < 0 {
		return New(p.settings)
	}
	s := p.free[last]
	p.free = p.free[:last]
	return s
}

func (p *Pool) give(s *SMTP) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, s)
}
