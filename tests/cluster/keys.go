package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority signs the certificates of one bed. Its key lies in the bed's folder: it protects nothing but tests on loopback.
type authority struct {
	folder      string
	certificate *x509.Certificate
	key         crypto.Signer
}

// subject says who a certificate is for.
type subject struct {
	file         string   // name of the files, without ending
	user         string   // user name
	group        string   // group, none where empty
	names        []string // DNS names that it serves
	addresses    []string // IP addresses that it serves
	isKubeconfig bool     // whether a kubeconfig is written too
}

// subjects are all who meet the API server. `viewer` has no rights whatever, for tests of refusals.
var subjects = []subject{
	{
		file: "apiserver", user: "kube-apiserver",
		names:     []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
		addresses: []string{"127.0.0.1", "10.96.0.1", nodeAddress},
	},
	{file: "admin", user: "admin", group: "system:masters", isKubeconfig: true},
	{file: "controller-manager", user: "system:kube-controller-manager", isKubeconfig: true},
	{file: "scheduler", user: "system:kube-scheduler", isKubeconfig: true},
	{file: "kubelet-client", user: "kube-apiserver-kubelet-client", group: "system:masters"},
	{
		file: "kwok", user: "kwok", group: "system:masters", isKubeconfig: true,
		names: []string{"localhost"}, addresses: []string{"127.0.0.1"},
	},
	{
		file: "kubelet", user: "system:node:" + nodeName, group: "system:nodes", isKubeconfig: true,
		names: []string{nodeName}, addresses: []string{nodeAddress},
	},
	{file: "kube-proxy", user: "system:kube-proxy", isKubeconfig: true},
	{file: "viewer", user: "viewer", group: "testbed:viewers", isKubeconfig: true},
}

// writeKeys makes the authority, a certificate and key per subject, and the pair that signs service account tokens.
func writeKeys(folder string) error {
	ca, err := newAuthority(folder)
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		if err := ca.sign(subject); err != nil {
			return fmt.Errorf("certificate of %s: %w", subject.file, err)
		}
	}
	accounts, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	if err := writePrivate(filepath.Join(folder, "sa.key"), accounts); err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(accounts.Public())
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(folder, "sa.pub"), "PUBLIC KEY", public)
}

func newAuthority(folder string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate("testbed-ca", "")
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if err := writePEM(filepath.Join(folder, "ca.crt"), "CERTIFICATE", der); err != nil {
		return nil, err
	}
	// The controller manager signs certificate requests with it.
	if err := writePrivate(filepath.Join(folder, "ca.key"), key); err != nil {
		return nil, err
	}
	return &authority{folder: folder, certificate: signed, key: key}, nil
}

func (ca *authority) sign(who subject) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := certificate(who.user, who.group)
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.DNSNames = who.names
	for _, address := range who.addresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(address))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, key.Public(), ca.key)
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(ca.folder, who.file+".crt"), "CERTIFICATE", der); err != nil {
		return err
	}
	return writePrivate(filepath.Join(ca.folder, who.file+".key"), key)
}

func certificate(user, group string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	name := pkix.Name{CommonName: user}
	if group != "" {
		name.Organization = []string{group}
	}
	// An hour back: clocks of containers and machines differ.
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: name,
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
	}
}

func writePrivate(path string, key crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

// writeKubeconfig writes a configuration that carries its keys, so that it can be copied anywhere.
func writeKubeconfig(path, keys, server string, who subject) error {
	encoded := func(name string) string {
		text, err := os.ReadFile(filepath.Join(keys, name))
		if err != nil {
			return ""
		}
		return base64.StdEncoding.EncodeToString(text)
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: testbed
clusters:
- name: testbed
  cluster: {server: %q, certificate-authority-data: %s}
users:
- name: %q
  user: {client-certificate-data: %s, client-key-data: %s}
contexts:
- name: testbed
  context: {cluster: testbed, user: %q}
`, server, encoded("ca.crt"), who.user, encoded(who.file+".crt"), encoded(who.file+".key"), who.user)
	return os.WriteFile(path, []byte(text), 0o600)
}
