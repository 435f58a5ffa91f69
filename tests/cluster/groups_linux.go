package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	groupRoot = "/sys/fs/cgroup"
	// Before the id of the process that holds the bed.
	groupPrefix = "rcompose-bed-"
)

// groups are the control groups of one bed, one in each hierarchy. They are the only thing of a node that is not in namespaces, so
// each node has a root of its own: a kubelet removes what it does not know.
type groups struct {
	name    string
	folders []string
}

func makeGroups() (groups, error) {
	removeForgotten()
	made := groups{name: fmt.Sprint(groupPrefix, os.Getpid())}
	hierarchies := []string{groupRoot}
	if !isFile(filepath.Join(groupRoot, "cgroup.controllers")) {
		hierarchies, _ = filepath.Glob(filepath.Join(groupRoot, "*"))
	}
	for _, hierarchy := range hierarchies {
		// Names of several controllers are links to one hierarchy.
		if entry, err := os.Lstat(hierarchy); err != nil || !entry.IsDir() || !isFile(filepath.Join(hierarchy, "cgroup.procs")) {
			continue
		}
		folder := filepath.Join(hierarchy, made.name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			return made, err
		}
		made.folders = append(made.folders, folder)
		// In the first version of cpusets a new one has neither processors nor memory.
		for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
			own := filepath.Join(folder, name)
			if text, err := os.ReadFile(filepath.Join(hierarchy, name)); err == nil && isFile(own) {
				if err := os.WriteFile(own, text, 0o644); err != nil {
					return made, err
				}
			}
		}
	}
	if len(made.folders) == 0 {
		return made, fmt.Errorf("nothing is mounted in %s", groupRoot)
	}
	return made, nil
}

func isFile(path string) bool {
	entry, err := os.Stat(path)
	return err == nil && entry.Mode().IsRegular()
}

// remove removes the groups and all below them. Their processes have been killed, which takes a moment.
func (g groups) remove() {
	for range 100 {
		left := slices.DeleteFunc(slices.Clone(g.folders), removeGroup)
		if len(left) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// removeGroup removes a group with those below it, and says whether it is gone.
func removeGroup(folder string) bool {
	var found []string
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			found = append(found, path)
		}
		return nil
	})
	for _, path := range slices.Backward(found) {
		_ = os.Remove(path)
	}
	_, err := os.Lstat(folder)
	return os.IsNotExist(err)
}

// removeForgotten removes the groups of beds that were killed.
func removeForgotten() {
	for _, pattern := range []string{groupPrefix + "*", "*/" + groupPrefix + "*"} {
		folders, _ := filepath.Glob(filepath.Join(groupRoot, pattern))
		for _, folder := range folders {
			holder, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), groupPrefix))
			if _, gone := os.Stat(fmt.Sprint("/proc/", holder)); err == nil && gone != nil {
				removeGroup(folder)
			}
		}
	}
}
