package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// recipe says what an image is made of: a root of Debian's packages, and folders of the test's own upon it.
type recipe struct {
	Names   []string          `json:"names"`
	Root    string            `json:"root"`
	Folders map[string]string `json:"folders"` // place in the image -> folder on this machine
	// As in the configuration of an image, that is `Cmd`, `WorkingDir` and so on. A PATH is added where there is no `Env`.
	Config map[string]any `json:"config"`
}

const usualPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// writeImages makes an archive of the images in a list, and of those that a node itself needs. Each root is in it once.
func writeImages(path, engine, list string) error {
	recipes := []recipe{{Names: []string{pauseImage}, Root: "busybox", Config: map[string]any{"Cmd": []string{"sleep", "infinity"}}}}
	if list != "" {
		text, err := os.ReadFile(list)
		if err != nil {
			return err
		}
		var listed []recipe
		if err := json.Unmarshal(text, &listed); err != nil {
			return fmt.Errorf("%s: %w", list, err)
		}
		recipes = append(recipes, listed...)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	writing := archive{writer: tar.NewWriter(file), roots: filepath.Join(engine, "roots"), sums: map[string]string{}}
	for _, recipe := range recipes {
		if err := writing.add(recipe); err != nil {
			return fmt.Errorf("image %s: %w", recipe.Names[0], err)
		}
	}
	manifest, err := json.Marshal(writing.manifest)
	if err != nil {
		return err
	}
	if err := writing.put("manifest.json", manifest); err != nil {
		return err
	}
	return writing.writer.Close()
}

// archive is of the form that docker writes and all engines read: layers, a configuration per image, and a list of both.
type archive struct {
	writer   *tar.Writer
	roots    string
	sums     map[string]string // of each root that is in it
	manifest []manifestEntry
}

type manifestEntry struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func (a *archive) add(recipe recipe) error {
	sum, err := a.root(recipe.Root)
	if err != nil {
		return err
	}
	layers, sums := []string{recipe.Root + ".tar"}, []string{"sha256:" + sum}
	if len(recipe.Folders) > 0 {
		layer, err := layerOf(recipe.Folders)
		if err != nil {
			return err
		}
		name := digest(layer)
		if err := a.put(name+".tar", layer); err != nil {
			return err
		}
		layers, sums = append(layers, name+".tar"), append(sums, "sha256:"+name)
	}
	if recipe.Config == nil {
		recipe.Config = map[string]any{}
	}
	if recipe.Config["Env"] == nil {
		recipe.Config["Env"] = []string{usualPath}
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": recipe.Config,
		"rootfs": map[string]any{"type": "layers", "diff_ids": sums},
	})
	if err != nil {
		return err
	}
	name := digest(config) + ".json"
	a.manifest = append(a.manifest, manifestEntry{Config: name, RepoTags: recipe.Names, Layers: layers})
	return a.put(name, config)
}

// root copies a root into the archive, unless it is there, and returns its sum.
func (a *archive) root(name string) (string, error) {
	if sum, known := a.sums[name]; known {
		return sum, nil
	}
	file, err := os.Open(filepath.Join(a.roots, name+".tar"))
	if err != nil {
		return "", err
	}
	defer file.Close()
	entry, err := file.Stat()
	if err != nil {
		return "", err
	}
	if err := a.writer.WriteHeader(&tar.Header{Name: name + ".tar", Mode: 0o644, Size: entry.Size()}); err != nil {
		return "", err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(a.writer, sum), file); err != nil {
		return "", err
	}
	a.sums[name] = hex.EncodeToString(sum.Sum(nil))
	return a.sums[name], nil
}

func (a *archive) put(name string, text []byte) error {
	if err := a.writer.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))}); err != nil {
		return err
	}
	_, err := a.writer.Write(text)
	return err
}

// layerOf packs folders as a layer.
func layerOf(folders map[string]string) ([]byte, error) {
	var layer bytes.Buffer
	writer := tar.NewWriter(&layer)
	for place, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			header, err := tar.FileInfoHeader(info, "")
			if err != nil {
				return err
			}
			below, err := filepath.Rel(folder, path)
			if err != nil {
				return err
			}
			header.Name = strings.TrimPrefix(filepath.Join(place, below), "/")
			header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "", ""
			if err := writer.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if err == nil {
				_, err = writer.Write(text)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return layer.Bytes(), err
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
