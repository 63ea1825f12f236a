// Package jsonapi is what `json-api` answers: SPEC.md, section json-api.
package jsonapi

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const limit = 1e9

// Answer is what goes back.
type Answer struct {
	Status int
	// Allow is the value of the header of that name; empty if there is none.
	Allow string
	Body  string
}

// Respond answers one request; target is the path with its query.
func Respond(method, target string, body []byte) Answer {
	path, _, _ := strings.Cut(target, "?")
	id, isItem := strings.CutPrefix(path, "/items/")
	allowed, respond := "GET", func() Answer { return Answer{Status: 200, Body: `{"status":"ok"}`} }
	switch {
	case path == "/health":
	case path == "/sum":
		allowed, respond = "POST", func() Answer { return sum(body) }
	case isItem && !strings.Contains(id, "/"):
		respond = func() Answer { return item(id) }
	default:
		return failure(404, "not found")
	}
	if method != allowed {
		answer := failure(405, "the method is not allowed")
		answer.Allow = allowed
		return answer
	}
	return respond()
}

func failure(status int, what string) Answer {
	return Answer{Status: status, Body: fmt.Sprintf(`{"error":"%s"}`, what)}
}

func item(text string) Answer {
	digits := len(text) >= 1 && len(text) <= 9
	for _, b := range []byte(text) {
		digits = digits && b >= '0' && b <= '9'
	}
	if !digits {
		return failure(400, "an item id has 1 to 9 digits")
	}
	id, err := strconv.Atoi(text)
	if err != nil || id < 1 || id > 1000 {
		return failure(404, fmt.Sprintf("no item %d", id))
	}
	found := struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
		Odd  bool   `json:"odd"`
	}{id, fmt.Sprintf("item %d", id), id%2 == 1}
	return success(found)
}

func success(value any) Answer {
	body, err := json.Marshal(value)
	if err != nil {
		return failure(500, "the answer cannot be written")
	}
	return Answer{Status: 200, Body: string(body)}
}

func sum(body []byte) Answer {
	var document any
	// The package replaces bytes that are not UTF-8 instead of refusing them.
	if !utf8.Valid(body) || json.Unmarshal(body, &document) != nil {
		return failure(400, "the body is not JSON")
	}
	// As a map, because a struct would match names without regard to case.
	members, _ := document.(map[string]any)
	numbers, ok := members["numbers"].([]any)
	total := int64(0)
	for _, element := range numbers {
		number, isNumber := element.(float64)
		ok = ok && isNumber && math.Trunc(number) == number && math.Abs(number) <= limit
		if ok {
			total += int64(number)
		}
	}
	if !ok {
		return failure(400, "numbers must be a list of integers")
	}
	return success(struct {
		Count int   `json:"count"`
		Sum   int64 `json:"sum"`
	}{len(numbers), total})
}
