// Command build makes a component of the hooks in a package main.
//
//	go run github.com/hookgate/hookgate/plugins-sdk/go/build -o my-plugin.wasm .
//
// It writes the exports for the hooks that it finds, compiles for WebAssembly, and lets
// plugins-sdk/core-module/componentize.sh do the rest, which needs wasm-tools.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

const userParameters = "id, idLen, email, emailLen, hasName, name, nameLen, hasImage, image, imageLen, emailVerified, isActive uint32"
const user = "hookgate.FlatUser{id, idLen, email, emailLen, hasName, name, nameLen, hasImage, image, imageLen, emailVerified, isActive}"

// What an export takes and calls, by the kind of hook.
var kinds = map[string][2]string{
	"gate":     {userParameters + ", provider, providerLen uint32", "hookgate.Gate(%s, " + user + ", provider, providerLen)"},
	"mutation": {"at, len uint32, " + userParameters, "hookgate.Mutation(%s, at, len, " + user + ")"},
	"event":    {userParameters, "hookgate.Event(%s, " + user + ")"},
	"text":     {userParameters + ", provider, providerLen uint32", "hookgate.TextEvent(%s, " + user + ", provider, providerLen)"},
	"check":    {"", "hookgate.Check(%s)"},
	"passkey":  {"arguments uint32", "hookgate.PasskeyEvent(%s, arguments)"},
}

var hooks = map[string]string{
	"AllowSignin": "gate", "ModifyJwt": "mutation", "ModifySession": "mutation",
	"OnSignup": "event", "OnSignin": "text", "OnSignout": "event", "OnTokenRefresh": "event",
	"OnEmailVerify": "event", "OnPasswordReset": "event", "OnOauthLink": "text",
	"OnMagicLinkSent": "event", "OnPasskeyRegistered": "passkey", "OnPasskeyDeleted": "passkey",
	"OnSigninFailed": "text", "OnLockout": "event", "OnPasswordChange": "event", "OnEmailChange": "text",
	"OnAccountDelete": "event", "OnSessionRevoke": "text", "OnRefreshReuse": "event",
	"ValidateConfig": "check",
}

func main() {
	output := flag.String("o", "", "where to write the component, NAME.wasm")
	isCore := flag.Bool("core", false, "write the core module, for `hookgate plugin build` to go on with")
	flag.Parse()
	if *output == "" || flag.NArg() > 1 {
		fmt.Fprintln(os.Stderr, "usage: build -o NAME.wasm [-core] [FOLDER]")
		os.Exit(2)
	}
	folder := "."
	if flag.NArg() == 1 {
		folder = flag.Arg(0)
	}
	if err := build(folder, *output, *isCore); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func build(folder, output string, isCore bool) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	found, err := findHooks(folder)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "hookgate-plugin-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	overlay, err := writeExports(work, folder, found)
	if err != nil {
		return err
	}
	core := filepath.Join(work, "core.wasm")
	if isCore {
		if core, err = filepath.Abs(output); err != nil {
			return err
		}
	}
	compile := exec.Command("go", "build", "-overlay", overlay, "-trimpath", "-buildmode=c-shared", "-ldflags=-s -w", "-o", core, ".")
	compile.Dir = folder
	compile.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if err := run(compile); err != nil || isCore {
		return err
	}
	_, here, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(here), "..", "..", "core-module", "componentize.sh")
	return run(exec.Command(script, core, output, "--stub-wasi"))
}

func run(command *exec.Cmd) error {
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(command.Path), err)
	}
	return nil
}

// findHooks lists the package's functions that are hooks, and refuses those that only look like one.
func findHooks(folder string) ([]string, error) {
	isSource := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), folder, isSource, 0)
	if err != nil {
		return nil, err
	}
	var found []string
	looksLikeHook := regexp.MustCompile("^(Allow|Modify|On|Validate)[A-Z]")
	for _, parsed := range packages {
		for _, file := range parsed.Files {
			for _, declaration := range file.Decls {
				function, isFunction := declaration.(*ast.FuncDecl)
				if !isFunction || function.Recv != nil {
					continue
				}
				name := function.Name.Name
				if hooks[name] != "" {
					found = append(found, name)
				} else if looksLikeHook.MatchString(name) {
					return nil, fmt.Errorf("there is no hook %s; functions of other names should start in lower case", name)
				}
			}
		}
	}
	if len(found) == 0 || slices.Equal(found, []string{"ValidateConfig"}) {
		return nil, errors.New("there is no hook here: a function such as AllowSignin in package main")
	}
	slices.Sort(found)
	return found, nil
}

// writeExports makes a file that the compiler sees in the package, without being there.
func writeExports(work, folder string, found []string) (string, error) {
	var source strings.Builder
	source.WriteString("package main\n\nimport (\n\t\"unsafe\"\n\n\thookgate \"github.com/hookgate/hookgate/plugins-sdk/go\"\n)\n")
	for _, name := range found {
		kind := kinds[hooks[name]]
		wit := kebab(name)
		full := fmt.Sprintf("hookgate:hooks/%s@0.1.0#%s", wit, wit)
		fmt.Fprintf(&source, "\n//go:wasmexport %s\nfunc hookgate%s(%s) unsafe.Pointer {\n\treturn %s\n}\n",
			full, name, kind[0], fmt.Sprintf(kind[1], name))
		fmt.Fprintf(&source, "\n//go:wasmexport cabi_post_%s\nfunc hookgateAfter%s(uint32) { hookgate.Afterwards() }\n", full, name)
	}
	file := filepath.Join(work, "exports.go")
	if err := os.WriteFile(file, []byte(source.String()), 0o644); err != nil {
		return "", err
	}
	overlay := map[string]map[string]string{"Replace": {filepath.Join(folder, "hookgate_exports.go"): file}}
	text, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	path := filepath.Join(work, "overlay.json")
	return path, os.WriteFile(path, text, 0o644)
}

func kebab(name string) string {
	return strings.ToLower(regexp.MustCompile("(.)([A-Z])").ReplaceAllString(name, "$1-$2"))
}
