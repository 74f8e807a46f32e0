package transport

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// rudeServer plays a script for every connection, so that it can break the rules
// in ways that a real mail server does only on bad days.
type rudeServer struct {
	settings Settings
	accepted atomic.Int32
}

// talk is one connection of a rude server. Its methods end the script when the
// client is gone, as a real server would.
type talk struct {
	conn   net.Conn
	r      *bufio.Reader
	number int // 1 for the first connection
}

type clientGone struct{}

func serveRudely(t *testing.T, script func(*talk)) *rudeServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &rudeServer{settings: plainSettings(listener.Addr())}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			n := int(s.accepted.Add(1))
			go play(&talk{conn, bufio.NewReader(conn), n}, script)
		}
	}()
	return s
}

func play(c *talk, script func(*talk)) {
	defer c.conn.Close()
	defer func() {
		if r := recover(); r != nil && r != (clientGone{}) {
			panic(r)
		}
	}()
	c.conn.SetDeadline(time.Now().Add(20 * time.Second))
	script(c)
}

func plainSettings(addr net.Addr) Settings {
	tcp := addr.(*net.TCPAddr)
	return Settings{Host: tcp.IP.String(), Port: tcp.Port, TLS: NoTLS, HELO: "stafett.example", Timeout: 5 * time.Second}
}

func (c *talk) say(line string) {
	if _, err := fmt.Fprintf(c.conn, "%s\r\n", line); err != nil {
		panic(clientGone{})
	}
}

func (c *talk) hear() string {
	line, err := c.r.ReadString('\n')
	if err != nil {
		panic(clientGone{})
	}
	return strings.TrimRight(line, "\r\n")
}

// silence answers nothing until the client loses patience or says goodbye.
func (c *talk) silence() {
	for c.hear() != "QUIT" {
	}
}

// cut breaks the connection at once, with what is unread thrown away.
func (c *talk) cut() {
	c.conn.(*net.TCPConn).SetLinger(0)
	c.conn.Close()
	panic(clientGone{})
}

func (c *talk) greet() {
	c.say("220 rude.example")
	c.hear()
	c.say("250 rude.example")
}

// upTo answers well until the command has been heard, and leaves that one to the
// script. RSET between two letters is answered on the way.
func (c *talk) upTo(command string) {
	for {
		heard := strings.ToUpper(c.hear())
		switch {
		case strings.HasPrefix(heard, command):
			return
		case strings.HasPrefix(heard, "DATA"):
			c.say("354 go on")
		default:
			c.say("250 fine")
		}
	}
}

// letter takes a whole letter in, to its final dot, and leaves the answer to the
// script.
func (c *talk) letter() {
	c.upTo("DATA")
	c.say("354 go on")
	for c.hear() != "." {
	}
}
