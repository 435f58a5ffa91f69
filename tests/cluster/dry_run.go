package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// exempt are the groups of custom kinds that no server without their controllers has; the tests have rules of their own for them.
var exempt = []string{"bitnami.com", "external-secrets.io"}

// project is files of manifests that belong together, under the name that messages give them.
type project struct {
	name  string
	files []string
}

// verdict is what the server says of one project.
type verdict struct {
	refusals []string
	warnings []string
	checked  int
	exempt   []string
}

// dryRun sends projects through the strict dry-run of the server, each in a namespace of its own. On stdin there is a line
// `NAME <tab> FILE` per file, those of a project one after the other; on stdout a line per object that is refused, warned of or exempt, and last how many were checked.
func dryRun() int {
	flags := flag.NewFlagSet("dry-run", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", os.Getenv("KUBECONFIG"), "which server, and as whom")
	_ = flags.Parse(os.Args[1:])

	projects, err := readProjects()
	if err != nil {
		fmt.Fprintln(os.Stderr, "dry-run:", err)
		return 1
	}
	client, err := newClient(*kubeconfig)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dry-run:", err)
		return 1
	}
	verdicts, err := judgeAll(context.Background(), client, projects)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dry-run:", err)
		return 1
	}
	checked := 0
	for index, verdict := range verdicts {
		checked += verdict.checked
		printEach("exempt", projects[index].name, verdict.exempt)
		printEach("warned", projects[index].name, verdict.warnings)
		printEach("refused", projects[index].name, verdict.refusals)
	}
	fmt.Printf("%d objects checked\n", checked)
	return 0
}

func printEach(outcome, project string, texts []string) {
	for _, text := range texts {
		fmt.Printf("%s: %s: %s\n", outcome, project, strings.ReplaceAll(text, "\n", " "))
	}
}

func readProjects() ([]project, error) {
	var projects []project
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		name, file, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			return nil, fmt.Errorf("not `NAME <tab> FILE`: %q", lines.Text())
		}
		if last := len(projects) - 1; last >= 0 && projects[last].name == name {
			projects[last].files = append(projects[last].files, file)
			continue
		}
		projects = append(projects, project{name, []string{file}})
	}
	return projects, lines.Err()
}

// judgeAll asks for all projects, several at a time; verdicts come in the order of the projects.
func judgeAll(ctx context.Context, client *client, projects []project) ([]verdict, error) {
	verdicts := make([]verdict, len(projects))
	errors := make([]error, len(projects))
	// A bed that others use too may hold namespaces of a run before.
	letters := make([]byte, 4)
	_, _ = rand.Read(letters)
	run := hex.EncodeToString(letters)

	next := make(chan int)
	var workers sync.WaitGroup
	for range 2 * runtime.NumCPU() {
		workers.Go(func() {
			for index := range next {
				namespace := fmt.Sprintf("project-%s-%d", run, index)
				verdicts[index], errors[index] = judge(ctx, client, projects[index], namespace)
			}
		})
	}
	for index := range projects {
		next <- index
	}
	close(next)
	workers.Wait()
	for index, err := range errors {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", projects[index].name, err)
		}
	}
	return verdicts, nil
}

func judge(ctx context.Context, client *client, project project, namespace string) (verdict, error) {
	var verdict verdict
	var documents []document
	for _, file := range project.files {
		found, err := readDocuments(file)
		if err != nil {
			// What cannot be read is no manifest: the server would say the same.
			verdict.refusals = append(verdict.refusals, err.Error())
			continue
		}
		documents = append(documents, found...)
	}
	namespaces := []string{namespace}
	for _, document := range documents {
		if document.namespace != "" && !slices.Contains(namespaces, document.namespace) {
			namespaces = append(namespaces, document.namespace)
		}
	}
	for _, name := range namespaces {
		if err := client.makeNamespace(ctx, name); err != nil {
			return verdict, err
		}
	}
	for _, document := range documents {
		name := document.kind.Kind + "/" + document.name
		if slices.Contains(exempt, document.kind.Group) {
			verdict.exempt = append(verdict.exempt, name)
			continue
		}
		verdict.checked++
		answer, err := client.apply(ctx, document, namespace, options{manager: "rcompose", isDryRun: true})
		if err != nil {
			return verdict, fmt.Errorf("%s: %w", name, err)
		}
		if answer.refusal != "" {
			verdict.refusals = append(verdict.refusals, name+": "+answer.refusal)
		}
		if answer.warning != "" {
			verdict.warnings = append(verdict.warnings, name+": "+answer.warning)
		}
	}
	return verdict, nil
}
