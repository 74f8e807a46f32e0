package main

type binary struct{}

var built binary

func (binary) remove() {}
