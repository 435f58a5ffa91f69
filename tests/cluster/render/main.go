// Renders charts and overlays as helm and kubectl do, with their own libraries: `render helm CHART RELEASE [VALUES]`,
// `render lint CHART`, `render kustomize DIR`. Prints the objects as a JSON list, or what is wrong. Touches no cluster.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	switch {
	case len(words) == 2 && words[0] == "kustomize":
		return kustomize(words[1])
	case len(words) == 2 && words[0] == "lint":
		return strict(words[1])
	case (len(words) == 3 || len(words) == 4) && words[0] == "helm":
		return helm(words[1], words[2], words[3:])
	}
	return fmt.Errorf("usage: render helm CHART RELEASE [VALUES] | lint CHART | kustomize DIR")
}

// kustomize builds a directory with the options that `kubectl kustomize` has by default.
func kustomize(dir string) error {
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return err
	}
	objects := []json.RawMessage{}
	for _, object := range made.Resources() {
		text, err := object.AsYAML()
		if err != nil {
			return err
		}
		if objects, err = read(objects, string(text)); err != nil {
			return err
		}
	}
	return print(objects)
}

// helm renders a chart as `helm template RELEASE CHART -n RELEASE [-f VALUES]`: values are merged and held against the
// schema, then the templates run. Templates that give nothing are left out, as helm does.
func helm(dir, release string, files []string) error {
	loaded, err := loader.Load(dir)
	if err != nil {
		return err
	}
	values := chartutil.Values{}
	for _, file := range files {
		if values, err = chartutil.ReadValuesFile(file); err != nil {
			return err
		}
	}
	about := chartutil.ReleaseOptions{Name: release, Namespace: release, IsInstall: true, Revision: 1}
	all, err := chartutil.ToRenderValues(loaded, values, about, chartutil.DefaultCapabilities)
	if err != nil {
		return err
	}
	rendered, err := engine.Render(loaded, all)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(rendered))
	for name := range rendered {
		names = append(names, name)
	}
	sort.Strings(names)
	objects := []json.RawMessage{}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") || strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		documents := releaseutil.SplitManifests(rendered[name])
		keys := make([]string, 0, len(documents))
		for key := range documents {
			keys = append(keys, key)
		}
		sort.Sort(releaseutil.BySplitManifestsOrder(keys))
		for _, key := range keys {
			if objects, err = read(objects, documents[key]); err != nil {
				return fmt.Errorf("%s: %w\n%s", name, err, documents[key])
			}
		}
	}
	return print(objects)
}

// read adds one document. A key that stands twice is a mistake; a document of comments alone is none.
func read(objects []json.RawMessage, text string) ([]json.RawMessage, error) {
	object, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil || string(object) == "null" {
		return objects, err
	}
	return append(objects, object), nil
}

func print(objects []json.RawMessage) error {
	return json.NewEncoder(os.Stdout).Encode(objects)
}

// strict is `helm lint --strict`: a warning fails, too.
func strict(dir string) error {
	found := lint.All(dir, map[string]interface{}{}, "lint", true)
	worst := support.UnknownSev
	for _, message := range found.Messages {
		fmt.Fprintln(os.Stderr, message.Error())
		worst = max(worst, message.Severity)
	}
	if worst >= support.WarningSev {
		return fmt.Errorf("%s: not clean", dir)
	}
	return nil
}
