package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"reflect"
	"strings"

	"freshet/internal/app"
	"freshet/internal/config"
	"freshet/internal/errs"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

type serveCmd struct {
	config.Config `embed:""`
	ConfigFile    kong.ConfigFlag `name:"config" env:"FRESHET_CONFIG" help:"YAML file of settings, named as the flags with _ for -."`
}

func (c *serveCmd) Run(e *env) error {
	if err := c.Complete(); err != nil {
		return err
	}
	log := logger(e.err, c.LogFormat)
	a, err := app.Open(e.ctx, c.Config, version, log)
	if err != nil {
		return err
	}
	defer func() {
		if err := a.Close(); err != nil {
			log.Error("close", "error", err.Error())
		}
	}()
	if err := a.Run(e.ctx, func(addr net.Addr) {
		if e.isTerm {
			scheme := "http"
			if c.TLS() {
				scheme = "https"
			}
			fmt.Fprintf(e.err, "freshet: ready at %s://%s\n", scheme, addr)
		}
	}); err != nil {
		return err
	}
	return nil
}

func logger(w io.Writer, format string) *slog.Logger {
	if format == "text" {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}

// yamlLoader reads the file of --config. It is strict: an unknown key is an
// error. The environment wins over it, which kong by itself has the other way round.
func yamlLoader(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	names := map[string]bool{}
	t := reflect.TypeFor[config.Config]()
	for i := range t.NumField() {
		names[settingName(t.Field(i))] = true
	}
	for k := range values {
		if !names[k] {
			return nil, errs.E(errs.Invalid, "bad-setting", "the configuration has an unknown key %q", k).WithHint("keys are the flags of freshet serve --help, with _ for -")
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		v, ok := values[strings.ReplaceAll(flag.Name, "-", "_")]
		if !ok {
			return nil, nil
		}
		for _, name := range flag.Envs {
			if _, set := os.LookupEnv(name); set {
				return nil, nil
			}
		}
		if list, ok := v.([]any); ok {
			return list, nil
		}
		return fmt.Sprint(v), nil
	}), nil
}

// settingName is a field's key in the file, made from its variable's name.
func settingName(f reflect.StructField) string {
	return strings.ToLower(strings.TrimPrefix(f.Tag.Get("env"), "FRESHET_"))
}
